//! Means that may be empty: at each site the elements are counted for every position, while compiling. Indices that no
//! condition ties to each other are counted apart, so a window over rows and columns costs their sum and not their product.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};

use super::super::ir::{Expr, IndexId, Layer, Reduce, Reduction, Value};
use super::super::lower::{Loop, LoopKind, Loops, plan};
use super::super::print;
use super::constant::Constants;

pub(super) fn means(constants: &Constants<'_>, written: &Layer) -> TokenStream {
    let mut all = quote!();
    for definition in &written.definitions {
        let Value::Formula(value) = &definition.value else { continue };
        value.visit(&mut |e| {
            if let Expr::Reduce(reduce) = e
                && reduce.kind == Reduction::Count
            {
                all.extend(check(constants, written, reduce));
            }
        });
    }
    all
}

fn check(constants: &Constants<'_>, layer: &Layer, reduce: &Reduce) -> TokenStream {
    // What depends on data was tried at samples.
    if reduce.conditions.iter().any(|c| c.any(&mut |e| matches!(e, Expr::Read(..) | Expr::Training | Expr::Reduce(_))))
    {
        return quote!();
    }
    let text = print::expr(layer, &Expr::Reduce(Box::new(reduce.clone())));
    let mut all = quote!();
    for (indices, conditions) in components(reduce) {
        let (inner, outer): (Vec<IndexId>, Vec<IndexId>) =
            indices.into_iter().partition(|index| reduce.indices.contains(index));
        let counted = plan(layer, &inner, &conditions, &outer);
        let count = format_ident!("count_now", span = Span::mixed_site());
        let counting = loops(constants, &counted, quote!(#count += 1;));
        let around = plan(layer, &outer, &[], &[]);
        let body = loops(
            constants,
            &around,
            quote! {
                let mut #count: ::core::primitive::i64 = 0;
                #counting
                if #count == 0 { empty_now = true; }
            },
        );
        all.extend(quote! {{
            let mut empty_now = false;
            #body
            _words::check_mean(&mut found_now, #text, empty_now);
        }});
    }
    all
}

/// Groups of indices and the conditions that tie them.
fn components(reduce: &Reduce) -> Vec<(Vec<IndexId>, Vec<Expr>)> {
    let mut groups: Vec<(Vec<IndexId>, Vec<Expr>)> = vec![];
    for condition in &reduce.conditions {
        let mut indices = condition.free_indices();
        let mut conditions = vec![condition.clone()];
        let (tied, apart): (Vec<_>, Vec<_>) =
            groups.into_iter().partition(|(known, _)| known.iter().any(|index| indices.contains(index)));
        for (known, more) in tied {
            indices.extend(known.into_iter().filter(|index| !indices.contains(index)).collect::<Vec<_>>());
            conditions.splice(0..0, more);
        }
        groups = apart;
        groups.push((indices, conditions));
    }
    groups
}

fn loops(constants: &Constants<'_>, loops: &Loops, body: TokenStream) -> TokenStream {
    let inside = nested(constants, &loops.loops, body);
    when(constants, &loops.before, inside)
}

fn when(constants: &Constants<'_>, conditions: &[Expr], inside: TokenStream) -> TokenStream {
    match conditions.iter().map(|c| constants.condition(c)).reduce(|a, b| quote!(#a && #b)) {
        Some(condition) => quote!(if #condition { #inside }),
        None => inside,
    }
}

fn nested(constants: &Constants<'_>, loops: &[Loop], body: TokenStream) -> TokenStream {
    let Some((first, rest)) = loops.split_first() else { return body };
    let inside = nested(constants, rest, body);
    let inside = when(constants, &first.conditions, inside);
    let (at, len) = (constants.names.at(first.index), constants.len(first.index));
    match &first.kind {
        LoopKind::Range { lows, highs } => {
            let low =
                lows.iter().map(|e| constants.integer(e)).fold(quote!(0), |a, b| quote!(_words::greatest(#a, #b)));
            let high = highs.iter().map(|e| constants.integer(e)).fold(len, |a, b| quote!(_words::least(#a, #b)));
            quote! {
                let mut #at: ::core::primitive::i64 = #low;
                while #at < #high { #inside #at += 1; }
            }
        }
        LoopKind::Solved { factor, numerator } => {
            let (factor, numerator) = (constants.integer(&factor.expr()), constants.integer(&numerator.expr()));
            quote! {
                let #at = _words::div(#numerator, #factor);
                if #at * #factor == #numerator && 0 <= #at && #at < #len { #inside }
            }
        }
    }
}
