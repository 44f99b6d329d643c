//! Formulas of fields and extents as const expressions: `i64` for integers, `f64` for real numbers, `bool` for conditions.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::super::ir::{Comparison, Expr, FieldId, Layer, Type};
use super::names::Names;

/// How constants are reached where the code stands.
pub(super) struct Constants<'a> {
    pub layer: &'a Layer,
    pub names: &'a Names,
    /// What stands before an extent's name: `WindowSizes::<Here>::`, or nothing where extents are locals.
    pub sizes: TokenStream,
}

impl Constants<'_> {
    pub(super) fn field(&self, field: FieldId) -> TokenStream {
        let declared = &self.layer.fields[field.0];
        let name: &Ident = &declared.name;
        if declared.generic {
            let name = super::apart::name(name);
            quote!(#name)
        } else {
            quote!(Here::LAYER.#name)
        }
    }

    pub(super) fn len(&self, index: super::super::ir::IndexId) -> TokenStream {
        let (sizes, name) = (&self.sizes, self.names.len(self.layer.origin(index)));
        quote!(#sizes #name)
    }

    pub(super) fn integer(&self, expr: &Expr) -> TokenStream {
        match expr {
            Expr::Int(value) => quote!(#value),
            Expr::Len(index) => self.len(*index),
            Expr::Index(index) => {
                let at = self.names.at(*index);
                quote!(#at)
            }
            Expr::Field(field) => {
                let field = self.field(*field);
                quote!((#field as ::core::primitive::i64))
            }
            Expr::Element(field, at) => {
                let (field, at) = (self.field(*field), self.integer(at));
                quote!((#field[#at as ::core::primitive::usize] as ::core::primitive::i64))
            }
            Expr::Call(primitive, all, _) => {
                if all.iter().any(|a| self.layer.type_of(a) != Type::Int) {
                    let real = self.real(expr);
                    return quote!(_words::whole(#real));
                }
                let parts: Vec<TokenStream> = all.iter().map(|a| self.integer(a)).collect();
                let (a, b) = (parts.first(), parts.get(1));
                match primitive.name() {
                    "add" => quote!((#a + #b)),
                    "sub" => quote!((#a - #b)),
                    "mul" => quote!((#a * #b)),
                    "neg" => quote!((-#a)),
                    "floor_div" | "div" => quote!(_words::div(#a, #b)),
                    "ceil_div" => quote!(_words::ceil_div(#a, #b)),
                    "rem" => quote!(_words::rem(#a, #b)),
                    "min" => quote!(_words::least(#a, #b)),
                    "max" => quote!(_words::greatest(#a, #b)),
                    "abs" => quote!(_words::magnitude(#a)),
                    "square" => quote!(_words::squared(#a)),
                    "powi" => quote!(_words::power(#a, #b)),
                    "sign" => quote!(_words::sign_of(#a)),
                    _ => quote!(#a),
                }
            }
            Expr::If(three, _) => {
                let (c, a, b) = (self.condition(&three[0]), self.integer(&three[1]), self.integer(&three[2]));
                quote!((if #c { #a } else { #b }))
            }
            other => {
                let real = self.real(other);
                quote!(_words::whole(#real))
            }
        }
    }

    pub(super) fn real(&self, expr: &Expr) -> TokenStream {
        if self.layer.type_of(expr) == Type::Int && !matches!(expr, Expr::Call(..)) {
            let integer = self.integer(expr);
            return quote!((#integer as ::core::primitive::f64));
        }
        match expr {
            Expr::Real(value) => number(*value),
            Expr::Field(field) => {
                let field = self.field(*field);
                quote!((#field as ::core::primitive::f64))
            }
            Expr::Element(field, at) => {
                let (field, at) = (self.field(*field), self.integer(at));
                quote!((#field[#at as ::core::primitive::usize] as ::core::primitive::f64))
            }
            Expr::Call(primitive, all, _) => {
                let all_integers = all.iter().all(|a| self.layer.type_of(a) == Type::Int);
                if all_integers && self.layer.type_of(expr) == Type::Int {
                    let integer = self.integer(expr);
                    return quote!((#integer as ::core::primitive::f64));
                }
                let parts: Vec<TokenStream> = all.iter().map(|a| self.real(a)).collect();
                let (a, b) = (parts.first(), parts.get(1));
                match primitive.name() {
                    "add" => quote!((#a + #b)),
                    "sub" => quote!((#a - #b)),
                    "mul" => quote!((#a * #b)),
                    "div" => quote!((#a / #b)),
                    "neg" => quote!((-#a)),
                    "floor" | "floor_div" => quote!((#a).floor()),
                    "ceil" => quote!((#a).ceil()),
                    "trunc" => quote!((#a).trunc()),
                    "round" => quote!((#a).round_ties_even()),
                    "abs" => quote!((#a).abs()),
                    "square" => quote!((#a * #a)),
                    "min" => quote!((#a).min(#b)),
                    "max" => quote!((#a).max(#b)),
                    // No const function gives it: nothing is known of such a bound.
                    _ => quote!(::core::primitive::f64::NAN),
                }
            }
            Expr::If(three, _) => {
                let (c, a, b) = (self.condition(&three[0]), self.real(&three[1]), self.real(&three[2]));
                quote!((if #c { #a } else { #b }))
            }
            _ => quote!(::core::primitive::f64::NAN),
        }
    }

    pub(super) fn condition(&self, expr: &Expr) -> TokenStream {
        match expr {
            Expr::Bool(value) => quote!(#value),
            Expr::Field(field) => self.field(*field),
            Expr::Element(field, at) => {
                let (field, at) = (self.field(*field), self.integer(at));
                quote!(#field[#at as ::core::primitive::usize])
            }
            Expr::Not(one) => {
                let one = self.condition(one);
                quote!((!#one))
            }
            Expr::And(both) => {
                let (a, b) = (self.condition(&both[0]), self.condition(&both[1]));
                quote!((#a && #b))
            }
            Expr::Or(both) => {
                let (a, b) = (self.condition(&both[0]), self.condition(&both[1]));
                quote!((#a || #b))
            }
            Expr::Compare(comparison, both) => {
                let integers = both.iter().all(|side| self.layer.type_of(side) == Type::Int);
                let side = |e: &Expr| if integers { self.integer(e) } else { self.real(e) };
                let (a, b) = (side(&both[0]), side(&both[1]));
                let sign = comparison_sign(*comparison);
                quote!((#a #sign #b))
            }
            _ => quote!(false),
        }
    }
}

pub(super) fn comparison_sign(comparison: Comparison) -> TokenStream {
    match comparison {
        Comparison::Less => quote!(<),
        Comparison::LessEqual => quote!(<=),
        Comparison::Equal => quote!(==),
        Comparison::NotEqual => quote!(!=),
    }
}

/// A real number as Rust writes it.
pub(super) fn number(value: f64) -> TokenStream {
    if value == f64::INFINITY {
        quote!(::core::primitive::f64::INFINITY)
    } else if value == f64::NEG_INFINITY {
        quote!((::core::primitive::f64::NEG_INFINITY))
    } else if value < 0.0 {
        let positive = -value;
        quote!((-#positive))
    } else {
        quote!(#value)
    }
}
