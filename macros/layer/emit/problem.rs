//! The const that says what does not fit at a site: shapes, extents, requirements, reads. In stages, for what a wrong shape
//! does to the extents need not be told as well.

use proc_macro2::TokenStream;
use quote::quote;

use super::super::bounds::bounds;
use super::super::ir::{Definition, Expr, Extent, IndexId, Layer, Rate, Reduction, TensorId, Value};
use super::super::linear::moves;
use super::super::print;
use super::constant::Constants;
use super::divisors::divisors;
use super::sizes::{arrival, axis_position, dims, named};

pub(super) fn problem(constants: &Constants<'_>, written: &Layer) -> TokenStream {
    let layer = constants.layer;
    let (mut arrivals, mut shapes, mut extents, mut reads) = (quote!(), quote!(), quote!(), quote!());
    for (number, tensor) in layer.arrivals().into_iter().enumerate() {
        arrivals.extend(check_arrival(constants, tensor, number));
        arrivals.extend(check_ranks(constants, tensor, number));
        shapes.extend(check_axes(constants, tensor, number));
    }
    extents.extend(divisors(constants, written));
    for at in 1..layer.indices.len() {
        let index = layer.index(IndexId(at));
        let Extent::Given(formula) = &index.extent else { continue };
        let (name, text) = (&index.name, formula_text(layer, formula));
        if let Expr::Call(primitive, both, _) = formula
            && primitive.is("floor_div")
        {
            let (a, b, names) =
                (constants.integer(&both[0]), constants.integer(&both[1]), named(constants, &[formula]));
            extents.extend(quote!(_words::check_exact(&mut found_now, #name, #text, #a, #b, #names);));
        }
        let (len, names) = (constants.len(IndexId(at)), named(constants, &[formula]));
        extents.extend(quote!(_words::check_extent(&mut found_now, #name, #text, #len, #names);));
    }
    for require in &layer.requires {
        let (condition, text, words) =
            (constants.condition(&require.condition), formula_text(layer, &require.condition), &require.message);
        let names = named(constants, &[&require.condition]);
        extents.extend(quote!(_words::check_require(&mut found_now, #condition, #words, #text, #names);));
    }
    for output in layer.outputs() {
        let (name, dims) = (&layer.tensor(output).name, dims(constants, output));
        extents.extend(quote!(_words::check_dims(&mut found_now, #name, #dims);));
    }
    for definition in &written.definitions {
        // The conditions under which it is computed; a sample's own values choose among lanes, and keep no read from happening.
        let demanded = layer.definition(definition.tensor).map(|d| d.guard.clone()).unwrap_or_default();
        let guard: Vec<Expr> = demanded.into_iter().filter(|c| layer.rate_of(c) != Rate::Sample).collect();
        for read in reads_of(definition, guard) {
            reads.extend(check_read(constants, &read));
        }
    }
    reads.extend(super::means::means(constants, written));
    let stages = [arrivals, shapes, extents, reads]
        .into_iter()
        .filter(|stage| !stage.is_empty())
        .map(|stage| quote!(if found_now.is_empty() { #stage }));
    let arity = layer.arrivals().len();
    quote! {
        const PROBLEM: &'static _words::Message = &{
            let mut found_now = _words::Message::EMPTY;
            if _words::complete(Here::INPUTS, #arity) {
                #(#stages)*
            }
            found_now
        };
    }
}

/// A formula of extents, in which an index's name means its extent.
pub(super) fn formula_text(layer: &Layer, formula: &Expr) -> String {
    let mut text = print::expr(layer, formula);
    for index in &layer.indices {
        text = text.replace(&format!("len({})", index.name), &index.name);
    }
    text
}

fn pattern(layer: &Layer, tensor: TensorId) -> TokenStream {
    let declared = layer.tensor(tensor);
    let (name, text, integer) = (&declared.name, print::declaration(layer, tensor), declared.integer);
    let axes = (0..declared.axes.len()).filter(|at| declared.rest_at(layer, *at).is_none()).count();
    let (open, axes) = (axes < declared.axes.len(), axes as i64);
    quote!(_words::Pattern { name: #name, text: #text, axes: #axes, open: #open, integer: #integer })
}

fn check_arrival(constants: &Constants<'_>, tensor: TensorId, number: usize) -> TokenStream {
    let pattern = pattern(constants.layer, tensor);
    quote!(_words::check_arrival(&mut found_now, &#pattern, _words::arriving(Here::INPUTS, #number));)
}

/// An ellipsis whose rank a formula says has as many axes to stand for.
fn check_ranks(constants: &Constants<'_>, tensor: TensorId, number: usize) -> TokenStream {
    let layer = constants.layer;
    let declared = layer.tensor(tensor);
    let rests: Vec<IndexId> = (0..declared.axes.len()).filter_map(|at| declared.rest_at(layer, at)).collect();
    let fixed = (declared.axes.len() - rests.len()) as i64;
    let formula = |rest: &IndexId| match &layer.index(*rest).extent {
        Extent::Rest { tensor: from, rank: Some(formula), .. } if *from == tensor => Some(formula),
        _ => None,
    };
    let is_exact = rests.iter().all(|rest| formula(rest).is_some());
    let pattern = pattern(layer, tensor);
    let checks = rests.iter().filter_map(|rest| {
        let said = formula(rest)?;
        let (name, text) = (&layer.index(*rest).name, formula_text(layer, said));
        let (rank, names) = (constants.integer(said), named(constants, &[said]));
        let others: Vec<TokenStream> =
            rests.iter().filter(|other| *other != rest).filter_map(formula).map(|f| constants.integer(f)).collect();
        let taken = quote!(#fixed #(+ #others)*);
        Some(quote!(_words::check_rank(&mut found_now, &#pattern, _words::arriving(Here::INPUTS, #number), #name, #text, #rank, #taken, #is_exact, #names);))
    });
    checks.collect()
}

fn check_axes(constants: &Constants<'_>, tensor: TensorId, number: usize) -> TokenStream {
    let layer = constants.layer;
    let declared = layer.tensor(tensor);
    let pattern = pattern(layer, tensor);
    let shape = quote!(_words::arriving(Here::INPUTS, #number));
    let mut all = quote!();
    for (at, parts) in declared.axes.iter().enumerate() {
        let position = axis_position(constants, tensor, at);
        if let Some(only) = declared.rest_at(layer, at)
            && let Extent::Rest { tensor: from, axis, .. } = &layer.index(only).extent
        {
            if *from != tensor {
                let (other, other_position) = (arrival(layer, *from), axis_position(constants, *from, *axis));
                let (sizes, rank) = (&constants.sizes, constants.names.rank(only));
                let fixed = (0..declared.axes.len()).filter(|at| declared.rest_at(layer, *at).is_none()).count();
                let count = if declared.axes.len() - fixed == 1 {
                    let fixed = fixed as i64;
                    quote!(_words::arriving(Here::INPUTS, #number).rank() as ::core::primitive::i64 - #fixed)
                } else {
                    quote!(#sizes #rank)
                };
                all.extend(quote!(_words::check_rest(&mut found_now, &#pattern, #shape, #position, #count, _words::arriving(Here::INPUTS, #other), #other_position, #sizes #rank);));
            }
            continue;
        }
        // The part that this axis gives its extent, if any.
        let given = parts.iter().find(|part| matches!(layer.index(**part).extent, Extent::Arrives { tensor: t, axis } if t == tensor && axis == at));
        let others: Vec<IndexId> = parts.iter().copied().filter(|part| Some(part) != given).collect();
        let known = others.iter().map(|part| constants.len(*part)).reduce(|a, b| quote!(#a * #b));
        let names: Vec<&str> = others.iter().map(|part| layer.index(*part).name.as_str()).collect();
        match (given, known) {
            (Some(_), Some(known)) => {
                let formulas: Vec<&Expr> = others
                    .iter()
                    .filter_map(|part| match &layer.index(layer.origin(*part)).extent {
                        Extent::Given(formula) => Some(formula),
                        _ => None,
                    })
                    .collect();
                let (text, numbers) = (names.join(" * "), named(constants, &formulas));
                all.extend(
                    quote!(_words::check_parts(&mut found_now, &#pattern, #shape, #position, #text, #known, #numbers);),
                );
            }
            (None, Some(known)) => {
                let text = names.join(" * ");
                all.extend(quote!(_words::check_axis(&mut found_now, &#pattern, #text, #shape, #position, #known);));
            }
            _ => {}
        }
    }
    let below = declared.below.as_ref().map(|below| {
        let (name, text, below) = (&declared.name, formula_text(layer, below), constants.integer(below));
        quote!(_words::check_below(&mut found_now, #name, #shape, #text, #below);)
    });
    // A target that is declared by its values only has the extents that the layer says.
    let axes = (!all.is_empty()).then(|| quote!(if !_words::arriving(Here::INPUTS, #number).is_inferred() { #all }));
    quote!(#axes #below)
}

/// A read, and what holds where it stands.
struct Read<'a> {
    tensor: TensorId,
    positions: &'a [Expr],
    conditions: Vec<Expr>,
}

fn reads_of(definition: &Definition, mut conditions: Vec<Expr>) -> Vec<Read<'_>> {
    fn walk<'a>(expr: &'a Expr, conditions: &mut Vec<Expr>, found: &mut Vec<Read<'a>>) {
        match expr {
            Expr::Read(tensor, positions, _) => {
                found.push(Read { tensor: *tensor, positions, conditions: conditions.clone() });
                positions.iter().for_each(|p| walk(p, conditions, found));
            }
            Expr::If(three, _) => {
                walk(&three[0], conditions, found);
                let before = conditions.len();
                conditions.push(three[0].clone());
                walk(&three[1], conditions, found);
                conditions.truncate(before);
                conditions.push(Expr::Not(Box::new(three[0].clone())));
                walk(&three[2], conditions, found);
                conditions.truncate(before);
            }
            Expr::Reduce(reduce) => {
                let before = conditions.len();
                for condition in &reduce.conditions {
                    walk(condition, conditions, found);
                    conditions.push(condition.clone());
                }
                if reduce.kind != Reduction::Count {
                    walk(&reduce.body, conditions, found);
                }
                conditions.truncate(before);
            }
            _ => expr.children().into_iter().for_each(|child| walk(child, conditions, found)),
        }
    }
    let mut found = vec![];
    match &definition.value {
        Value::Formula(value) => walk(value, &mut conditions, &mut found),
        Value::Draw(_, arguments) => arguments.iter().for_each(|a| walk(a, &mut conditions, &mut found)),
    }
    found
}

fn check_read(constants: &Constants<'_>, read: &Read<'_>) -> TokenStream {
    let layer = constants.layer;
    let declared = layer.tensor(read.tensor);
    if declared.outside.is_some() {
        return quote!();
    }
    let mut all = quote!();
    for (position, index) in read.positions.iter().zip(declared.indices()) {
        if matches!(position, Expr::Index(i) if layer.origin(*i) == layer.origin(index)) {
            continue;
        }
        let range = bounds(layer, position, &read.conditions);
        let low = range.low.map_or_else(|| quote!(::core::primitive::i64::MIN), |e| constants.integer(&e));
        let high = range.high.map_or_else(|| quote!(::core::primitive::i64::MAX), |e| constants.integer(&e));
        let (len, name, text) =
            (constants.len(index), print::declaration(layer, read.tensor), print::expr(layer, position));
        let mut formulas = vec![position];
        let own = Expr::Len(layer.origin(index));
        formulas.push(&own);
        let names = named(constants, &formulas);
        // Where the fields say that it is not read, it may be anywhere.
        let happens = read
            .conditions
            .iter()
            .filter(|c| !moves(c))
            .map(|c| constants.condition(c))
            .reduce(|a, b| quote!(#a && #b));
        let check = quote!(_words::check_read(&mut found_now, #name, #text, #low, #high, #len, #names););
        all.extend(match happens {
            Some(condition) => quote!(if #condition { #check }),
            None => check,
        });
    }
    all
}
