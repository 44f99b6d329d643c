//! A layer is a Rust expression, whose type its text says.

use super::super::ast::Layer;
use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::Expr;
use syn::ext::IdentExt;

/// The expression inside parentheses and the invisible groups of a `macro_rules!`.
pub(super) fn ungrouped(mut expression: &Expr) -> &Expr {
    loop {
        match expression {
            Expr::Group(group) => expression = &group.expr,
            Expr::Paren(paren) => expression = &paren.expr,
            other => return other,
        }
    }
}

pub(super) fn span_of(expression: &Expr) -> Span {
    expression.to_token_stream().into_iter().next().map_or_else(Span::call_site, |token| token.span())
}

/// A layer's value, and its type: what `as` says, or the leading path.
pub(super) fn layer_of(expression: &Expr) -> syn::Result<Layer> {
    if let Expr::Cast(cast) = ungrouped(expression) {
        return Ok(Layer {
            ty: cast.ty.to_token_stream(),
            value: cast.expr.to_token_stream(),
            written: cast.to_token_stream(),
        });
    }
    match leading_type(expression) {
        Some(ty) => Ok(Layer { ty, value: expression.to_token_stream(), written: expression.to_token_stream() }),
        None => Err(syn::Error::new_spanned(
            expression,
            "the layer's type is not to be seen from this expression: say it, as in `(…) as LAYER`",
        )),
    }
}

/// `Window` of `Window::new(6, 5).padding(2)`; `None` where the expression does not start with a type.
fn leading_type(expression: &Expr) -> Option<TokenStream> {
    match expression {
        Expr::Group(group) => leading_type(&group.expr),
        Expr::Paren(paren) => leading_type(&paren.expr),
        Expr::MethodCall(call) => leading_type(&call.receiver),
        Expr::Struct(literal) if literal.qself.is_none() => Some(literal.path.to_token_stream()),
        Expr::Call(call) => match ungrouped(&call.func) {
            Expr::Path(function) => type_of_path(function, true),
            _ => None,
        },
        Expr::Path(path) => type_of_path(path, false),
        _ => None,
    }
}

/// Types start with a capital letter: `Window::new` and `Window::DEFAULT` are of `Window`, `Bend` is itself.
fn type_of_path(path: &syn::ExprPath, is_called: bool) -> Option<TokenStream> {
    if let Some(qself) = &path.qself {
        return Some(qself.ty.to_token_stream());
    }
    let is_type = |ident: &Ident| ident.unraw().to_string().starts_with(char::is_uppercase);
    let is_constant = |ident: &Ident| !ident.unraw().to_string().contains(char::is_lowercase);
    let mut path = path.path.clone();
    let last = path.segments.last()?.ident.clone();
    if last == "Some" || last == "None" {
        return None;
    }
    let before_is_type = path.segments.iter().rev().nth(1).is_some_and(|segment| is_type(&segment.ident));
    if !is_type(&last) && is_called || is_constant(&last) && !is_called && before_is_type {
        path.segments.pop();
        path.segments.pop_punct();
    }
    let is_found = path.segments.last().is_some_and(|segment| is_type(&segment.ident));
    is_found.then(|| path.to_token_stream())
}
