//! Reductions: their indices come into force, `mean` and `norm` are written out.

use syn::ext::IdentExt;

use super::super::ast::{self, Axis};
use super::super::calculus::call;
use super::super::ir::{Expr, IndexId, Place, Reduce, Reduction};
use super::super::parse::refuse;
use super::super::primitives::primitive;
use super::expression::{BATCH_LATER, Built, Mode};
use super::indices::rest_name;
use super::{Builder, nearest};

impl Builder<'_> {
    pub(super) fn reduce(
        &mut self,
        name: &proc_macro2::Ident,
        bindings: &[Axis],
        conditions: &[ast::Expr],
        body: &ast::Expr,
        mode: Mode,
    ) -> Built {
        let text = name.unraw().to_string();
        let place = Place(name.span());
        let kind = match text.as_str() {
            "sum" | "mean" | "norm" => Reduction::Sum,
            "prod" => Reduction::Product,
            "max" => Reduction::Maximum,
            "min" => Reduction::Minimum,
            "argmax" => Reduction::ArgMaximum,
            "argmin" => Reduction::ArgMinimum,
            _ if refuse::function(&text).is_some() => {
                refuse::function(&text).into_iter().for_each(|why| self.errors.at(name.span(), why));
                return None;
            }
            _ => {
                let hint =
                    nearest(&text, ["sum", "mean", "max", "min", "prod", "argmax", "argmin", "norm"].into_iter())
                        .map(|near| format!("; did you mean `{near}`?"))
                        .unwrap_or_default();
                self.errors.at(name.span(), format!("unknown reduction `{text}`{hint}"));
                return None;
            }
        };
        let mut indices = vec![];
        let bound: Vec<Option<()>> = bindings.iter().map(|binding| self.bind(binding, &mut indices)).collect();
        if bound.contains(&None) {
            // What is reduced has mistakes of its own.
            conditions.iter().for_each(|condition| _ = self.condition(condition, Mode::Value));
            self.number(body, Mode::Value);
            return None;
        }
        if indices.is_empty() {
            self.errors.at(name.span(), format!("`{text}` needs at least one index: `{text}(i) …`"));
            return None;
        }
        let conditions: Vec<Built> =
            conditions.iter().map(|condition| self.condition(condition, Mode::Value)).collect();
        let inner = if mode == Mode::Integer { Mode::Value } else { mode };
        let body = self.number(body, inner);
        let (conditions, body) = (conditions.into_iter().collect::<Option<Vec<_>>>()?, body?);
        let conditions: Vec<Expr> = conditions.into_iter().flat_map(conjuncts).collect();
        let make = |kind, conditions, body| {
            Expr::Reduce(Box::new(Reduce { kind, indices: indices.clone(), conditions, body, place }))
        };
        Some(match text.as_str() {
            "mean" => {
                let count = if conditions.is_empty() {
                    indices
                        .iter()
                        .map(|index| Expr::Len(self.layer.origin(*index)))
                        .reduce(|a, b| call("mul", vec![a, b]))?
                } else {
                    let counted: Vec<IndexId> = indices.iter().map(|index| self.layer.copy_index(*index)).collect();
                    let rename =
                        |index: IndexId| indices.iter().position(|i| *i == index).map(|at| Expr::Index(counted[at]));
                    let conditions = conditions.iter().map(|c| c.substitute(&rename)).collect();
                    Expr::Reduce(Box::new(Reduce {
                        kind: Reduction::Count,
                        indices: counted,
                        conditions,
                        body: Expr::Int(1),
                        place,
                    }))
                };
                Expr::Call(primitive("div")?, vec![make(kind, conditions, body), count], place)
            }
            "norm" => call("root", vec![make(kind, conditions, call("square", vec![body]))]),
            _ => make(kind, conditions, body),
        })
    }

    /// A reduction's index, bound anew: it hides an outer one of its name, and has its extent.
    fn bind(&mut self, binding: &Axis, indices: &mut Vec<IndexId>) -> Option<()> {
        match binding {
            Axis::Index { name, .. } if name == "batch" => {
                self.errors.at(name.span(), BATCH_LATER);
                None
            }
            Axis::Index { name, .. } => {
                let text = name.unraw().to_string();
                if self.missing.is_named(&text) {
                    return None;
                }
                let origin = self.indices.get(&text).copied();
                let Some(origin) = origin else {
                    if self.missing.is_new_index(&text) {
                        self.errors.at(
                            name.span(),
                            format!("index `{text}` has no extent: no input brings it; write `{text}: EXTENT`"),
                        );
                    }
                    return None;
                };
                self.bind_to(text, origin, indices);
                Some(())
            }
            Axis::Fused { parts, .. } => parts.iter().try_for_each(|part| self.bind(part, indices)),
            Axis::Rest { name, span, .. } => {
                let text = rest_name(name.as_ref());
                let Some(origin) = self.indices.get(&text).copied() else {
                    if self.missing.is_new_index(&text) {
                        self.errors.at(
                            *span,
                            format!("`{text}` stands for axes that an input brings, and no input has `{text}`"),
                        );
                    }
                    return None;
                };
                self.bind_to(text, origin, indices);
                Some(())
            }
        }
    }

    fn bind_to(&mut self, text: String, origin: IndexId, indices: &mut Vec<IndexId>) {
        // The introducing index itself where it is not in force, so that texts print as they were written.
        let index = if self.scope.iter().any(|(_, id)| *id == origin) { self.layer.copy_index(origin) } else { origin };
        self.scope.push((text, index));
        indices.push(index);
    }
}

/// The conditions that `&&` joins.
fn conjuncts(condition: Expr) -> Vec<Expr> {
    match condition {
        Expr::And(both) => both.into_iter().flat_map(conjuncts).collect(),
        other => vec![other],
    }
}
