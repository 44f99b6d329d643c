//! Contractions: what is known of them where the layer stands, the functions from which the runtime makes plans, and the calls.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::super::bounds::{Bounds, bounds};
use super::super::ir::{Expr, IndexId, Outside, Rate};
use super::super::lower::contract::{Contract, Kind, Own, Side};
use super::super::lower::{Loop, LoopKind, Store};
use super::constant::Constants;
use super::expression::{Code, Form, Writer};
use super::function::Functions;

/// A contraction's part of the code beside its call.
pub(super) struct Described {
    /// Constants where the layer stands.
    pub consts: TokenStream,
    /// The statement that makes its plan.
    pub plan: TokenStream,
    /// The packs of scratch memory that it takes.
    pub room: TokenStream,
    /// Whether it belongs to the backward pass.
    pub backward: bool,
}

/// `exists`: whether anybody wants it, as a const.
pub(super) fn described(
    functions: &Functions<'_>,
    contract: &Contract,
    number: usize,
    exists: &TokenStream,
    backward: bool,
) -> Described {
    let names = functions.names;
    let sizes = &functions.sizes;
    let (own_name, sizes_name) = (format_ident!("own_{number}"), format_ident!("sizes_{number}"));
    let kind = match contract.kind {
        Kind::Weights => quote!(_words::Kind::Weights),
        Kind::Samples => quote!(_words::Kind::Samples),
        Kind::Gradient => quote!(_words::Kind::Gradient),
    };
    let own = contract.own.iter().map(|own| about(functions, contract, own));
    let count = contract.own.len();
    let size = |side: &Side| {
        let size = names.size(side.tensor);
        quote!(#sizes #size)
    };
    let left = size(&contract.left);
    let right = contract.right.as_ref().map_or(quote!(0), size);
    let target = {
        let size = names.size(contract.target);
        quote!(#sizes #size)
    };
    let bias = contract.bias.as_ref().map_or(quote!(0), |(_, side)| size(side));
    let axes_name = format_ident!("axes_{number}");
    let axes = axes(functions, contract);
    let consts = quote! {
        const #axes_name: [&'static [_words::Axis]; 2] = [#axes];
        const #own_name: [_words::Own; #count] = [#(#own),*];
        const #sizes_name: [::core::primitive::usize; 4] = [#left, #right, #target, #bias];
    };
    let small = small(functions, contract, number).map(|small| {
        let name = format_ident!("small_{number}");
        quote!(const #name: ::core::option::Option<_words::Small> = #small;)
    });
    let ats: Vec<Ident> = contract.own.iter().map(|own| names.at(own.index)).collect();
    let steps = steps(functions, contract);
    let guard = (!contract.guard.is_empty()).then(|| {
        let mut writer = Writer::new(functions.layer, names);
        let all: Vec<TokenStream> = contract.guard.iter().map(|c| writer.expr(c).tokens).collect();
        let before = writer.finish();
        quote!(#before #(#all)&&*)
    });
    let bias = contract
        .bias
        .as_ref()
        .map(|(_, side)| offset(functions, &functions.layer.tensor(side.tensor).indices(), &side.positions));
    let [steps_name, guard_name, bias_name] = ["steps", "guard", "bias"].map(|word| format_ident!("{word}_{number}"));
    let lens = functions.lens();
    let (integer, boolean) = (quote!(::core::primitive::i64), quote!(::core::primitive::bool));
    // A function of an element's position, if there is any; as a pointer, for as functions each would have a table of its own.
    let function = |name: &Ident, of: TokenStream, nothing: TokenStream, body: Option<TokenStream>| match body {
        Some(body) => (
            quote! {
                fn #name(own_now: &[#integer]) -> #of {
                    #lens
                    let &[#(#ats),*] = own_now else { return #nothing };
                    #body
                }
            },
            quote!(::core::option::Option::Some(&(#sizes #name as fn(&[#integer]) -> #of))),
        ),
        None => (quote!(), quote!(::core::option::Option::None)),
    };
    let (guard, has_guard) = function(&guard_name, boolean, quote!(false), guard);
    let (bias, has_bias) = function(&bias_name, integer.clone(), quote!(0), bias);
    let consts = quote! {
        #consts
        #small

        fn #steps_name(own_now: &[#integer], steps_now: &mut _words::Steps) {
            #lens
            let &[#(#ats),*] = own_now else { return };
            #steps
        }

        #guard
        #bias
    };
    let if_wanted = if backward { quote!(backward_now &&) } else { quote!() };
    let plan = quote! {
        plans_now.push(if #if_wanted const { #exists } {
            _words::Plan::new(&_words::Contraction {
                kind: #kind,
                own: &#sizes #own_name,
                steps: &(#sizes #steps_name as fn(&[#integer], &mut _words::Steps)),
                guard: #has_guard,
                bias: #has_bias,
                sizes: #sizes #sizes_name,
                axes: #sizes #axes_name,
            }, samples_now)
        } else {
            _words::Plan::none()
        });
    };
    let room =
        quote!(if #exists { _words::room(#kind, &#sizes #own_name, #sizes #sizes_name, #sizes #axes_name) } else { 0 });
    Described { consts, plan, room, backward }
}

/// The axes of both sides, where they may decide how a side is copied first: of what belongs to samples, or where a
/// parameter's gradient meets a border. Elsewhere they would be more to compile.
fn axes(functions: &Functions<'_>, contract: &Contract) -> TokenStream {
    let layer = functions.layer;
    let border = contract.kind == Kind::Gradient && contract.own.iter().any(|own| own.conditional);
    let constants = Constants { layer, names: functions.names, sizes: functions.sizes.clone() };
    let axis = |(index, position): (IndexId, &Expr)| {
        let len = constants.len(index);
        let summed = matches!(position, Expr::Index(i) if contract.loops.loops.iter().any(|one| one.index == *i));
        // (An index of the axis itself stays inside.)
        let own = matches!(position, Expr::Index(i) if layer.origin(*i) == layer.origin(index));
        let range = if border && !own { bounds(layer, position, &[]) } else { Bounds::UNKNOWN };
        let (low, high) = match (range.low, range.high) {
            (Some(low), Some(high)) => (constants.integer(&low), constants.integer(&high)),
            _ if own => (quote!(0), quote!(#len - 1)),
            _ => (quote!(::core::primitive::i64::MIN), quote!(::core::primitive::i64::MAX)),
        };
        quote!(_words::Axis { extent: #len, summed: #summed, low: #low, high: #high })
    };
    let side = |side: Option<&Side>| {
        let axes = side.map(|side| layer.tensor(side.tensor).indices().into_iter().zip(&side.positions).map(axis));
        let axes: Vec<TokenStream> = axes.into_iter().flatten().collect();
        quote!(&[#(#axes),*])
    };
    let left = if border || contract.kind == Kind::Samples { side(Some(&contract.left)) } else { quote!(&[]) };
    let right = if border || contract.kind != Kind::Gradient { side(contract.right.as_ref()) } else { quote!(&[]) };
    quote!(#left, #right)
}

fn about(functions: &Functions<'_>, contract: &Contract, own: &Own) -> TokenStream {
    let sizes = &functions.sizes;
    let extent = functions.names.len(functions.layer.origin(own.index));
    let (in_left, in_right, conditional, guarded) = (own.in_left, own.in_right, own.conditional, own.guarded);
    let side = if own.in_left { Some(&contract.left) } else { contract.right.as_ref() };
    let stride = match (own.axis, side) {
        (Some(axis), Some(side)) => functions.layer.tensor(side.tensor).indices()[axis + 1..]
            .iter()
            .map(|index| {
                let len = functions.names.len(functions.layer.origin(*index));
                quote!(#sizes #len)
            })
            .reduce(|a, b| quote!(#a * #b))
            .unwrap_or(quote!(1)),
        _ => quote!(0),
    };
    quote! {
        _words::Own {
            extent: #sizes #extent,
            in_left: #in_left,
            in_right: #in_right,
            conditional: #conditional,
            guarded: #guarded,
            stride: #stride,
        }
    }
}

/// The loops of a contraction as extents and strides, if that is all there is to them: no borders, no conditions but on fields.
fn small(functions: &Functions<'_>, contract: &Contract, number: usize) -> Option<TokenStream> {
    let (layer, sizes) = (functions.layer, &functions.sizes);
    let len = |index: IndexId| {
        let len = functions.names.len(layer.origin(index));
        quote!(#sizes #len)
    };
    let plain =
        |one: &Loop| matches!(&one.kind, LoopKind::Range { lows, highs } if lows.is_empty() && highs.is_empty());
    let loops = &contract.loops;
    // Where one of them does not hold, there is nothing to do: the engine does that.
    let mut conditions: Vec<&Expr> = vec![];
    for condition in
        loops.before.iter().chain(loops.loops.iter().flat_map(|one| &one.conditions)).chain(&contract.guard)
    {
        if !condition.free_indices().is_empty() {
            return None;
        }
        if !conditions.contains(&condition) {
            conditions.push(condition);
        }
    }
    if !loops.masks.is_empty() || !loops.loops.iter().all(plain) {
        return None;
    }
    let own: Vec<IndexId> = contract.own.iter().map(|own| own.index).collect();
    let summed: Vec<IndexId> = loops.loops.iter().map(|one| one.index).collect();
    // Each position is one of the loops' indices, of an axis as long as it runs.
    let sides = [Some(&contract.left), contract.right.as_ref(), contract.bias.as_ref().map(|(_, side)| side)];
    let bare = |side: &Side| {
        side.positions.iter().zip(layer.tensor(side.tensor).indices()).all(|(position, axis)| {
            matches!(position, Expr::Index(i) if (own.contains(i) || summed.contains(i)) && layer.origin(*i) == layer.origin(axis))
        })
    };
    if !sides.into_iter().flatten().all(bare) {
        return None;
    }
    let stride = |indices: &[IndexId], positions: &[Expr], index: IndexId| {
        let of_axis = |axis: usize| {
            indices[axis + 1..].iter().map(|i| len(*i)).reduce(|a, b| quote!(#a * #b)).unwrap_or(quote!(1))
        };
        let axes = (0..positions.len()).filter(|axis| positions[*axis] == Expr::Index(index));
        axes.map(of_axis).reduce(|a, b| quote!(#a + #b)).unwrap_or(quote!(0))
    };
    let of_side = |side: Option<&Side>, index: IndexId| {
        side.map_or(quote!(0), |side| stride(&layer.tensor(side.tensor).indices(), &side.positions, index))
    };
    let target: Vec<Expr> = own.iter().map(|index| Expr::Index(*index)).collect();
    let owns = own.iter().map(|&index| {
        let (len, target) = (len(index), stride(&own, &target, index));
        let [left, right, bias] = sides.map(|side| of_side(side, index));
        quote!([#len, #left, #right, #target, #bias])
    });
    let sums = summed.iter().map(|&index| {
        let (len, [left, right, _]) = (len(index), sides.map(|side| of_side(side, index)));
        quote!([#len, #left, #right])
    });
    let sizes_name = format_ident!("sizes_{number}");
    let small = quote!(_words::small(&[#(#owns),*], &[#(#sums),*], #sizes #sizes_name));
    let mut writer = Writer::new(layer, functions.names);
    let conditions: Vec<TokenStream> = conditions.into_iter().map(|c| writer.expr(c).tokens).collect();
    let before = writer.finish();
    Some(match conditions.into_iter().reduce(|a, b| quote!(#a && #b)) {
        Some(condition) => quote!({ #before if #condition { #small } else { ::core::option::Option::None } }),
        None => small,
    })
}

/// Row-major, at positions that are in range.
fn offset(functions: &Functions<'_>, indices: &[IndexId], positions: &[Expr]) -> TokenStream {
    let mut writer = Writer::new(functions.layer, functions.names);
    let codes: Vec<Code> = positions.iter().map(|p| writer.expr(p)).collect();
    let offset = writer.offset(indices, codes);
    let before = writer.finish();
    quote!(#before #offset)
}

/// The loops of the sum, saying each step's places.
fn steps(functions: &Functions<'_>, contract: &Contract) -> TokenStream {
    let mut writer = Writer::new(functions.layer, functions.names);
    writer.loops(&contract.loops, |writer| {
        let mut conditions = vec![];
        let left = place(writer, &contract.left, &mut conditions);
        let right = contract.right.as_ref().map_or(quote!(0), |side| place(writer, side, &mut conditions));
        let step = quote!(steps_now.add(#left, #right););
        writer.say(match conditions.into_iter().reduce(|a, b| quote!(#a && #b)) {
            Some(condition) => quote!(if #condition { #step }),
            None => step,
        });
    });
    writer.finish()
}

/// Where a side is read; positions that lie outside, where it is 0, make no step.
fn place(writer: &mut Writer<'_>, side: &Side, conditions: &mut Vec<TokenStream>) -> TokenStream {
    let declared = writer.layer.tensor(side.tensor);
    let (indices, outside) = (declared.indices(), declared.outside.clone());
    let mut codes = vec![];
    for (position, index) in side.positions.iter().zip(&indices) {
        let code = writer.expr(position);
        let own = matches!(position, Expr::Index(i) if writer.layer.origin(*i) == writer.layer.origin(*index));
        codes.push(match &outside {
            None => code,
            Some(_) if own => code,
            Some(Outside::Value(_)) => {
                let code = writer.named(code, position);
                let (at, len) = (&code.tokens, writer.constants.len(*index));
                conditions.push(quote!(0 <= #at && #at < #len));
                code
            }
            Some(mode) => writer.folded(code, *index, mode),
        });
    }
    writer.offset(&indices, codes)
}

/// The statement that runs it, in the code of the way back or another.
pub(super) fn call(functions: &Functions<'_>, contract: &Contract, number: usize, backward: bool) -> TokenStream {
    let (names, layer) = (functions.names, functions.layer);
    let data = |side: &Side| {
        let data = names.data(side.tensor);
        match layer.tensor(side.tensor).rate {
            Rate::Sample => quote!(_words::elements(&#data[..])),
            _ => quote!(&#data[..]),
        }
    };
    let target = names.data(contract.target);
    let target = match layer.tensor(contract.target).rate {
        Rate::Sample => quote!(_words::elements_mut(&mut #target[..])),
        _ => quote!(&mut #target[..]),
    };
    let left = data(&contract.left);
    let right = match &contract.right {
        Some(side) => {
            let right = data(side);
            quote!(::core::option::Option::Some(#right))
        }
        None => quote!(::core::option::Option::None),
    };
    let mut writer = Writer::new(layer, names);
    let scale = contract
        .scale
        .iter()
        .map(|factor| {
            let code = writer.expr(factor);
            writer.to_scalar(code)
        })
        .reduce(|a, b| quote!(#a * #b))
        .unwrap_or(quote!(_words::number::<Elem>(1.0)));
    let bias = match &contract.bias {
        Some((condition, side)) => {
            let bias = data(side);
            let some = quote!(::core::option::Option::Some(#bias));
            match condition {
                Some(condition) => {
                    let Code { tokens, form } = writer.expr(condition);
                    debug_assert_eq!(form, Form::Bool);
                    quote!(if #tokens { #some } else { ::core::option::Option::None })
                }
                None => some,
            }
        }
        None => quote!(::core::option::Option::None),
    };
    let before = writer.finish();
    let small = match small(functions, contract, number) {
        Some(_) => {
            let (sizes, small) = (&functions.sizes, format_ident!("small_{number}"));
            quote!(const { #sizes #small })
        }
        None => quote!(::core::option::Option::None),
    };
    let accumulate = match (contract.store, functions.fresh.borrow().as_ref()) {
        (Store::Set, _) => quote!(false),
        (Store::Add, Some(fresh)) => quote!(!#fresh),
        (Store::Add, None) => quote!(true),
    };
    let then = functions.then();
    let apart = if backward { quote!(frame_now.apart) } else { quote!(false) };
    let part = if backward && functions.in_parts() { quote!(frame_now.part) } else { quote!(_words::Part::WHOLE) };
    quote! {
        #before
        _words::contract::<Cells, _>((simd_now, level_now), &plans_now[#number], #small, _words::Call {
            target: #target,
            left: #left,
            right: #right,
            bias: #bias,
            scale: #scale,
            accumulate: #accumulate,
            tiles: tiles_now,
            apart: #apart,
            threads: threads_now,
            part: #part,
            room: _words::elements_mut(&mut room_now[..]),
            then: #then,
        });
    }
}
