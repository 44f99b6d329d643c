//! Input: the struct under `#[derive(Layer)]`. Output: what the macro needs of it: the hyperparameters, the constructors'
//! defaults, and the tokens of its text.
//!
//! Guarantees: every field is a number, a `bool`, or an array of them; the names of fields and const parameters differ.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::ast::{Field, FieldKind};
use crate::error::Errors;

/// A struct that is to be a layer.
pub(crate) struct Declared {
    pub(crate) name: Ident,
    pub(crate) visibility: syn::Visibility,
    /// As written, with defaults: use `split_for_impl`.
    pub(crate) generics: syn::Generics,
    /// The struct's fields in order, then those of its const parameters that the text may name.
    pub(crate) fields: Vec<Field>,
    /// `#[chainrule(crate = path)]`, or `::chainrule`: what emitted paths start with.
    pub(crate) root: syn::Path,
    /// What stands in `#[layer { … }]`; `None` where there is none, which has been reported.
    pub(crate) text: Option<TokenStream>,
    /// `#[instead("Smoothed")]`: differentiable layers to take in its place.
    pub(crate) instead: Option<syn::LitStr>,
}

/// Reads the struct. `None` if it cannot be a layer at all, such as an `enum`; other mistakes are reported and passed over.
pub(crate) fn read(input: &syn::DeriveInput, errors: &mut Errors) -> Option<Declared> {
    let name = &input.ident;
    let data = match &input.data {
        syn::Data::Struct(data) => data,
        syn::Data::Enum(data) => {
            errors.at(
                data.enum_token.span,
                format!(
                    "a layer is a struct, found an enum: write `struct {name} {{ … }}`; a `bool` or integer field can choose between formulas"
                ),
            );
            return None;
        }
        syn::Data::Union(data) => {
            errors.at(
                data.union_token.span,
                format!("a layer is a struct, found a union: write `struct {name} {{ … }}`"),
            );
            return None;
        }
    };
    let mut fields = Vec::new();
    match &data.fields {
        syn::Fields::Named(named) => {
            fields.extend(named.named.iter().filter_map(|each| field(each, &input.generics, errors)));
        }
        syn::Fields::Unit => {}
        syn::Fields::Unnamed(unnamed) if unnamed.unnamed.is_empty() => {
            errors.at(unnamed.paren_token.span.join(), format!("drop the parentheses: write `struct {name};`"));
        }
        syn::Fields::Unnamed(unnamed) => {
            errors.at(
                unnamed.paren_token.span.join(),
                format!("the text names the fields, so they need names: write `struct {name} {{ size: usize }}`"),
            );
        }
    }
    constants(&input.generics, &mut fields, errors);
    let text = text(input, errors);
    Some(Declared {
        name: name.clone(),
        visibility: input.vis.clone(),
        generics: input.generics.clone(),
        fields,
        root: root(&input.attrs, errors),
        instead: instead(&input.attrs, errors),
        text,
    })
}

/// What a refusal names as a way out.
fn instead(attributes: &[syn::Attribute], errors: &mut Errors) -> Option<syn::LitStr> {
    let mut all = attributes.iter().filter(|attribute| attribute.path().is_ident("instead"));
    let attribute = all.next()?;
    if let Some(second) = all.next() {
        errors.at(
            second.span(),
            "`#[instead(…)]` stands twice; name all layers in one: `#[instead(\"`First` or `Second`\")]`",
        );
    }
    match attribute.parse_args::<syn::LitStr>() {
        Ok(text) => Some(text),
        Err(_) => {
            errors.at(attribute.span(), "expected a differentiable layer's name in quotes: `#[instead(\"Smoothed\")]`");
            None
        }
    }
}

fn field(field: &syn::Field, generics: &syn::Generics, errors: &mut Errors) -> Option<Field> {
    let name = field.ident.clone()?;
    // A field in error stays, so that the constructors are those that the user calls.
    let kind = kind(&field.ty).unwrap_or_else(|| {
        errors.add(syn::Error::new_spanned(&field.ty, refused_type(&field.ty, generics)));
        FieldKind::Integer
    });
    let mut default = default(field, kind, errors);
    if default.is_some() && name == "new" {
        errors.at(
            name.span(),
            "a field with a default gets a setter of its name, and `new` is the constructor's: rename the field",
        );
        default = None;
    }
    Some(Field { name, kind, ty: field.ty.clone(), default, docs: docs(&field.attrs), generic: false })
}

/// Const parameters are named in the text like fields; type parameters pass through, lifetimes do not.
fn constants(generics: &syn::Generics, fields: &mut Vec<Field>, errors: &mut Errors) {
    for parameter in &generics.params {
        match parameter {
            syn::GenericParam::Lifetime(lifetime) => errors.at(
                lifetime.lifetime.span(),
                format!("a layer is `'static`, a handful of numbers: drop `{}`", lifetime.lifetime),
            ),
            syn::GenericParam::Type(_) => {}
            syn::GenericParam::Const(constant) => {
                let Some(kind) = kind(&constant.ty) else {
                    continue;
                };
                if let Some(field) = fields.iter().find(|field| field.name.unraw() == constant.ident.unraw()) {
                    errors.at(
                        field.name.span(),
                        format!(
                            "`{}` is a field and a const parameter: the text could not tell them apart, rename one",
                            field.name
                        ),
                    );
                    continue;
                }
                fields.push(Field {
                    name: constant.ident.clone(),
                    kind,
                    ty: constant.ty.clone(),
                    default: None,
                    docs: Vec::new(),
                    generic: true,
                });
            }
        }
    }
}

fn kind(ty: &syn::Type) -> Option<FieldKind> {
    match ty {
        // What a `macro_rules!` passed as `$t:ty`.
        syn::Type::Group(group) => kind(&group.elem),
        syn::Type::Paren(paren) => kind(&paren.elem),
        syn::Type::Array(array) => match kind(&array.elem)? {
            FieldKind::Integer => Some(FieldKind::IntegerArray),
            FieldKind::Real => Some(FieldKind::RealArray),
            FieldKind::Bool => Some(FieldKind::BoolArray),
            FieldKind::IntegerArray | FieldKind::RealArray | FieldKind::BoolArray => None,
        },
        syn::Type::Path(path) => match primitive(path)?.as_str() {
            "usize" | "u8" | "u16" | "u32" | "u64" | "isize" | "i8" | "i16" | "i32" | "i64" => Some(FieldKind::Integer),
            "f32" | "f64" => Some(FieldKind::Real),
            "bool" => Some(FieldKind::Bool),
            _ => None,
        },
        _ => None,
    }
}

/// Whether numbers of a type, or those in an array of it, may be negative.
pub(crate) fn is_signed(ty: &syn::Type) -> bool {
    match ty {
        syn::Type::Group(group) => is_signed(&group.elem),
        syn::Type::Paren(paren) => is_signed(&paren.elem),
        syn::Type::Array(array) => is_signed(&array.elem),
        syn::Type::Path(path) => primitive(path).is_none_or(|name| !name.starts_with('u')),
        _ => true,
    }
}

/// `usize`, `core::primitive::usize`, `::std::primitive::usize`: the last word.
fn primitive(ty: &syn::TypePath) -> Option<String> {
    if ty.qself.is_some() || ty.path.segments.iter().any(|segment| !segment.arguments.is_none()) {
        return None;
    }
    let words: Vec<String> = ty.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [_] if ty.path.leading_colon.is_none() => words.into_iter().next(),
        ["core" | "std", "primitive", _] => words.into_iter().next_back(),
        _ => None,
    }
}

fn refused_type(ty: &syn::Type, generics: &syn::Generics) -> String {
    let mut written = ty.to_token_stream().to_string();
    for (between, nothing) in [(" < ", "<"), (" >", ">"), (" :: ", "::"), ("& ", "&"), (" ,", ","), (" ;", ";")] {
        written = written.replace(between, nothing);
    }
    let first = match ty {
        syn::Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default(),
        _ => String::new(),
    };
    let hint = match ty {
        syn::Type::Path(_) => match first.as_str() {
            "i128" | "u128" => "integers have at most 64 bits",
            "f16" | "f128" => "write `f64`",
            "Option" => "write a `bool` field beside it, and `if` in the text",
            "Vec" | "String" | "Box" | "PhantomData" => "a layer is `Copy` and known when compiling",
            _ if generics.type_params().any(|parameter| parameter.ident == first) => {
                "the text needs to know what it is; a const parameter, `const N: usize`, can be named in it"
            }
            _ => "an alias is written out, because a derive sees only its name",
        },
        syn::Type::Reference(_) | syn::Type::Slice(_) => "a layer owns its numbers: write an array, `[usize; 2]`",
        syn::Type::Tuple(_) => "write several fields, or an array, `[usize; 2]`",
        syn::Type::Array(_) => "arrays have one axis",
        _ => "a layer is `Copy` and known when compiling",
    };
    format!(
        "a field is an integer (`usize`, `i64`, …), `f64`, `f32`, `bool` or an array of one of them, found `{written}`: {hint}"
    )
}

/// `#[default(VALUE)]`; in place of what cannot be read some value.
fn default(field: &syn::Field, kind: FieldKind, errors: &mut Errors) -> Option<syn::Expr> {
    let mut found = None;
    for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("default")) {
        let span = attribute.path().span();
        if found.is_some() {
            errors.at(span, "two defaults: keep one");
            continue;
        }
        let value = match &attribute.meta {
            syn::Meta::List(list) if !list.tokens.is_empty() => match attribute.parse_args::<syn::Expr>() {
                Ok(value) => Some(value),
                Err(error) => {
                    errors.at(error.span(), format!("expected one expression in `#[default(…)]`: {error}"));
                    None
                }
            },
            syn::Meta::NameValue(pair) => {
                let value = pair.value.to_token_stream();
                errors.add(syn::Error::new_spanned(pair, format!("a default is written `#[default({value})]`")));
                Some(pair.value.clone())
            }
            syn::Meta::List(_) | syn::Meta::Path(_) => {
                errors.at(span, "expected a value: a default is written `#[default(1)]`");
                None
            }
        };
        found = value.or_else(|| {
            Some(match kind {
                FieldKind::Integer => syn::parse_quote!(0),
                FieldKind::Real => syn::parse_quote!(0.0),
                FieldKind::Bool => syn::parse_quote!(false),
                FieldKind::IntegerArray => syn::parse_quote!([0; _]),
                FieldKind::RealArray => syn::parse_quote!([0.0; _]),
                FieldKind::BoolArray => syn::parse_quote!([false; _]),
            })
        });
    }
    found
}

/// What stands in `#[layer { … }]`, between whatever delimiters.
fn text(input: &syn::DeriveInput, errors: &mut Errors) -> Option<TokenStream> {
    let mut found: Option<TokenStream> = None;
    for attribute in &input.attrs {
        let span = attribute.path().span();
        if attribute.path().is_ident("block") {
            errors.at(
                span,
                "layers out of layers, `#[block { … }]`, are not supported yet: wire the layers in the network",
            );
            found.get_or_insert(TokenStream::new());
        } else if attribute.path().is_ident("layer") {
            let syn::Meta::List(list) = &attribute.meta else {
                errors
                    .at(span, "expected the layer's mathematics: write `#[layer { input x[i]; output y[i] = x[i]; }]`");
                found.get_or_insert(TokenStream::new());
                continue;
            };
            if found.is_some() {
                errors.at(
                    span,
                    format!("`{}` has two texts: put all statements into one `#[layer {{ … }}]`", input.ident),
                );
                continue;
            }
            if list.tokens.is_empty() {
                errors
                    .at(span, "expected the layer's mathematics: write `#[layer { input x[i]; output y[i] = x[i]; }]`");
            }
            found = Some(list.tokens.clone());
        }
    }
    match found {
        Some(text) => (!text.is_empty()).then_some(text),
        None => {
            errors.at(
                input.ident.span(),
                format!(
                    "`{}` has no mathematics: write `#[layer {{ input x[i]; output y[i] = x[i]; }}]` between the derive and the struct",
                    input.ident
                ),
            );
            None
        }
    }
}

/// `#[chainrule(crate = path::to::chainrule)]`, for whoever renames or re-exports the crate. The path may stand in quotes.
pub(crate) fn root(attributes: &[syn::Attribute], errors: &mut Errors) -> syn::Path {
    let mut root = None;
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("chainrule")) {
        let read = |input: syn::parse::ParseStream| {
            input.parse::<syn::Token![crate]>()?;
            input.parse::<syn::Token![=]>()?;
            let path = if input.peek(syn::LitStr) {
                input.parse::<syn::LitStr>()?.parse_with(syn::Path::parse_mod_style)?
            } else {
                syn::Path::parse_mod_style(input)?
            };
            input.parse::<Option<syn::Token![,]>>()?;
            Ok(path)
        };
        match attribute.parse_args_with(read) {
            Ok(_) if root.is_some() => errors.at(attribute.path().span(), "`crate = …` stands here twice"),
            Ok(path) => root = Some(path),
            Err(error) => {
                errors.at(error.span(), format!("{error}: write `#[chainrule(crate = path::to::chainrule)]`"))
            }
        }
    }
    root.unwrap_or_else(|| {
        let span = Span::mixed_site();
        let name = Ident::new("chainrule", span);
        syn::Path {
            leading_colon: Some(syn::Token![::](span)),
            segments: std::iter::once(syn::PathSegment::from(name)).collect(),
        }
    })
}

fn docs(attributes: &[syn::Attribute]) -> Vec<syn::Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("doc")).cloned().collect()
}

#[cfg(test)]
mod tests;
