//! A block of accumulators: an associated function over const numbers of rows and columns, and the calls that cover the
//! target's extents with it.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::super::ir::{Expr, IndexId, Rate, TensorId};
use super::super::lower::block::Block;
use super::super::lower::{Nest, NestValue};
use super::expression::{Code, Form, Writer};
use super::function::Functions;

/// The function of a block, and the statements that call it.
pub(super) struct Blocked {
    pub function: TokenStream,
    pub calls: TokenStream,
}

pub(super) fn blocked(
    functions: &Functions<'_>,
    nest: &Nest,
    block: &Block,
    name: &Ident,
    mentioned: &[TensorId],
) -> Blocked {
    let names = functions.names;
    let mut writer = Writer::new(functions.layer, names);
    let lens = functions.lens();
    let (row, column) = (block.row, block.column);
    writer.say(quote!(let mut sums_now = [[_words::splat(simd_now, _words::number::<Elem>(0.0)); COLUMNS]; ROWS];));
    writer.loops(&block.loops, |writer| {
        let left = side(writer, &block.left, row, &quote!(ROWS), "left_now");
        let right = side(writer, &block.right, column, &if column.is_some() { quote!(COLUMNS) } else { quote!(1) }, "right_now");
        let right_at = if column.is_some() { quote!(column_now) } else { quote!(0) };
        writer.say(quote! {
            #left
            #right
            for row_now in 0..ROWS {
                for column_now in 0..COLUMNS {
                    sums_now[row_now][column_now] = _words::mul_add(left_now[row_now], right_now[#right_at], sums_now[row_now][column_now]);
                }
            }
        });
    });
    // What is done with each sum: the nest's own statement, the sum having a name.
    let store = writer.block(|writer| {
        let NestValue::Formula(_) = &nest.value else { return };
        writer.know(
            &Expr::Reduce(Box::new(block.sum.clone())),
            Code { tokens: quote!(sums_now[row_now][column_now]), form: Form::Lanes },
        );
        let indices = functions.layer.tensor(nest.target).indices();
        let codes: Vec<Code> = nest.position.iter().map(|p| writer.expr(p)).collect();
        functions.store(writer, nest, 0, &indices, codes, &[]);
    });
    let shift = |index: Option<IndexId>, by: TokenStream| {
        index.map(|index| {
            let at = names.at(index);
            quote!(let #at = #at + #by as ::core::primitive::i64;)
        })
    };
    let (down, across) = (shift(row, quote!(row_now)), shift(column, quote!(column_now)));
    writer.say(quote! {
        for row_now in 0..ROWS {
            #down
            for column_now in 0..COLUMNS {
                #across
                #store
            }
        }
    });
    let body = writer.finish();

    let around: Vec<IndexId> = block.around.loops.iter().map(|one| one.index).collect();
    let positions: Vec<Ident> = around.iter().chain(&row).chain(&column).map(|index| names.at(*index)).collect();
    let reads: Vec<TensorId> = mentioned.iter().copied().filter(|id| *id != nest.target).collect();
    let slices = reads.iter().map(|id| {
        let data = names.data(*id);
        if functions.layer.tensor(*id).rate == Rate::Sample {
            quote!(#data: &[_words::Pack<Elem>])
        } else {
            quote!(#data: &[Elem])
        }
    });
    let target = names.data(nest.target);
    let target_type = if functions.layer.tensor(nest.target).rate == Rate::Sample {
        quote!(&mut [_words::Pack<Elem>])
    } else {
        quote!(&mut [Elem])
    };
    let function = quote! {
        #[inline(always)]
        fn #name<Isa: _words::Simd, Elem: _words::Element, const ROWS: ::core::primitive::usize, const COLUMNS: ::core::primitive::usize>(
            simd_now: Isa, training_now: ::core::primitive::bool, #target: #target_type, #(#slices,)* #(#positions: ::core::primitive::i64),*
        ) {
            #lens
            #body
        }
    };

    let data = reads.iter().map(|id| names.data(*id));
    let sizes = &functions.sizes;
    let call = |rows: usize, columns: usize| {
        let (data, positions) = (data.clone(), &positions);
        quote!(#sizes #name::<Isa, Elem, #rows, #columns>(simd_now, training_now, #target, #(#data,)* #(#positions),*);)
    };
    let mut writer = Writer::new(functions.layer, names);
    writer.loops(&block.around, |writer| {
        let columns = |rows: usize| match column {
            Some(column) => cover(functions, column, &quote!(_words::columns::<Isa>()), &|columns| call(rows, columns)),
            None => call(rows, 1),
        };
        let all = match row {
            Some(row) => cover(functions, row, &quote!(_words::rows::<Isa>()), &columns),
            None => columns(1),
        };
        writer.say(all);
    });
    Blocked { function, calls: writer.finish() }
}

/// One side's values for its rows or columns.
fn side(
    writer: &mut Writer<'_>,
    factors: &[Expr],
    index: Option<IndexId>,
    count: &TokenStream,
    name: &str,
) -> TokenStream {
    let name = format_ident!("{name}");
    let mut value = quote!();
    let inside = writer.block(|writer| {
        let codes: Vec<Code> = factors.iter().map(|f| writer.expr(f)).collect();
        let product = codes.into_iter().reduce(|a, b| writer.times(a, b));
        value = product
            .map(|p| writer.to_lanes(p))
            .unwrap_or_else(|| quote!(_words::splat(simd_now, _words::number::<Elem>(1.0))));
    });
    let shift = index.map(|index| {
        let at = writer.names.at(index);
        quote!(let #at = #at + step_now as ::core::primitive::i64;)
    });
    quote! {
        let mut #name = [_words::splat(simd_now, _words::number::<Elem>(0.0)); #count];
        for step_now in 0..#count {
            #shift
            #inside
            #name[step_now] = #value;
        }
    }
}

/// The extent of an index in blocks of four, then two, then one; which of them there are is known when compiling.
fn cover(
    functions: &Functions<'_>,
    index: IndexId,
    most: &TokenStream,
    call: &dyn Fn(usize) -> TokenStream,
) -> TokenStream {
    let (at, len) = (functions.names.at(index), functions.names.len(functions.layer.origin(index)));
    let sizes = &functions.sizes;
    let step = |width: usize| {
        let (call, wide) = (call(width), width as i64);
        quote! {
            if const { _words::blocks(#most, #sizes #len, #width) } {
                while #at + #wide <= #len { #call #at += #wide; }
            }
        }
    };
    let (four, two, one) = (step(4), step(2), step(1));
    quote! {
        let mut #at: ::core::primitive::i64 = 0;
        #four
        #two
        #one
    }
}
