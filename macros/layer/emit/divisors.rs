//! Integers are divided by something: what the fields make 0 is told, with its formula.

use proc_macro2::TokenStream;
use quote::quote;

use super::super::check::walk;
use super::super::ir::{Expr, Extent, Layer, Type};
use super::super::linear::moves;
use super::super::print;
use super::constant::Constants;
use super::problem::formula_text;
use super::sizes::named;

/// Checks of all divisors that fields and extents alone decide. A whole extent that is a quotient has a check of its own.
pub(super) fn divisors(constants: &Constants<'_>, written: &Layer) -> TokenStream {
    let mut all = quote!();
    for index in &written.indices {
        let (Extent::Given(formula) | Extent::Rest { rank: Some(formula), .. }) = &index.extent else { continue };
        formula.visit(&mut |part| {
            let is_whole = std::ptr::eq(part, formula) && is_quotient(part);
            if !is_whole {
                all.extend(check(constants, part, &[], formula_text));
            }
        });
    }
    for definition in &written.definitions {
        walk::definition(definition, &mut |part, conditions| {
            all.extend(check(constants, part, conditions, print::expr));
        });
    }
    all
}

fn is_quotient(part: &Expr) -> bool {
    matches!(part, Expr::Call(primitive, ..) if primitive.is("floor_div"))
}

fn check(
    constants: &Constants<'_>,
    part: &Expr,
    conditions: &[Expr],
    text: fn(&Layer, &Expr) -> String,
) -> Option<TokenStream> {
    let layer = constants.layer;
    let Expr::Call(primitive, both, _) = part else { return None };
    let divides = ["floor_div", "ceil_div", "rem"].iter().any(|name| primitive.is(name));
    let [_, by] = &both[..] else { return None };
    let is_number = matches!(by, Expr::Int(number) if *number != 0);
    if !divides || layer.type_of(by) != Type::Int || moves(by) || is_number {
        return None;
    }
    let (text, names, by) = (text(layer, part), named(constants, &[by]), constants.integer(by));
    let check = quote!(_words::check_divisor(&mut found_now, #text, #by, #names););
    // Where the fields say that it is not computed, nothing is divided.
    let happens = conditions.iter().filter(|c| !moves(c)).map(|c| constants.condition(c));
    Some(match happens.reduce(|a, b| quote!(#a && #b)) {
        Some(condition) => quote!(if #condition { #check }),
        None => check,
    })
}
