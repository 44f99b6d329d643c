//! Reads: of an array field, or of a tensor at one position for each part of its axes.

use proc_macro2::Span;
use syn::ext::IdentExt;

use super::super::ast::{self, ExprKind, Position};
use super::super::calculus::call;
use super::super::ir::{Expr, IndexId, Place, TensorId};
use super::expression::{Built, Mode};
use super::indices::{Nest, rest_name};
use super::{Builder, nearest};

impl Builder<'_> {
    pub(super) fn read(&mut self, name: &proc_macro2::Ident, positions: &[Position], mode: Mode) -> Built {
        let text = name.unraw().to_string();
        if self.missing.is_named(&text) {
            return None;
        }
        if let Some(field) = self.fields.get(&text).copied() {
            if !self.layer.fields[field.0].is_array() {
                self.errors.at(name.span(), format!("field `{text}` is no array"));
                return None;
            }
            let [Position::At(at)] = positions else {
                self.errors.at(
                    name.span(),
                    format!("an element of the array field `{text}` is read by one position: `{text}[0]`"),
                );
                return None;
            };
            let at = self.expression(at, if mode == Mode::Extent { Mode::Extent } else { Mode::Integer })?;
            return Some(Expr::Element(field, Box::new(at)));
        }
        let Some(tensor) = self.tensors.get(&text).copied() else {
            if !self.missing.is_new(&text) {
                return None;
            }
            let known: Vec<String> = self.tensors.keys().cloned().collect();
            let near = nearest(&text, known.iter().map(String::as_str));
            self.missing.meant(near, near.and_then(|near| self.tensors.get(near)));
            let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            self.errors.at(name.span(), format!("unknown tensor `{text}`{hint}"));
            return None;
        };
        if mode == Mode::Extent {
            self.errors.at(name.span(), format!("`{text}` is a tensor; an extent cannot depend on data"));
            return None;
        }
        self.positions(tensor, positions, name.span())
    }

    pub(super) fn positions(&mut self, tensor: TensorId, positions: &[Position], span: Span) -> Built {
        let axes = self.nests.get(&tensor).cloned().unwrap_or_default();
        let name = self.layer.tensor(tensor).name.clone();
        if axes.len() != positions.len() {
            self.errors.at(
                span,
                format!(
                    "`{name}` has {} ({}), and {} given",
                    axis_count(axes.len()),
                    self.written(tensor),
                    stand(positions.len())
                ),
            );
            return None;
        }
        let mut flat = vec![];
        for (axis, position) in axes.iter().zip(positions) {
            self.position(axis, position, &name, &mut flat)?;
        }
        let read = Expr::Read(tensor, flat, Place(span));
        let super::Role::Param(at) = *self.role(tensor) else { return Some(read) };
        let param = &self.layer.params[at];
        Some(match &param.condition {
            Some(condition) => Expr::If(Box::new([condition.clone(), read, param.otherwise.clone()]), Place(span)),
            None => read,
        })
    }

    /// The positions of an axis, one for each of its parts.
    fn position(&mut self, axis: &Nest, position: &Position, name: &str, flat: &mut Vec<Expr>) -> Option<()> {
        let leaves = axis.leaves();
        let rests = leaves.iter().any(|index| self.layer.index(*index).is_rest());
        match position {
            Position::Rest { name: rest, span } => {
                let text = rest_name(rest.as_ref());
                let Some((_, index)) = self.scope.iter().rev().find(|(other, _)| *other == text) else {
                    if !self.missing.is_named(&text) {
                        self.errors.at(*span, format!("`{text}` is not on the left and nothing reduces it"));
                    }
                    return None;
                };
                if leaves.len() != 1 || self.layer.origin(leaves[0]) != self.layer.origin(*index) {
                    self.errors.at(*span, format!("this axis of `{name}` is not `{text}`"));
                    return None;
                }
                flat.push(Expr::Index(*index));
            }
            Position::At(at) if leaves.len() == 1 && !rests => flat.push(self.expression(at, Mode::Integer)?),
            Position::At(at) => {
                if rests && leaves.len() == 1 {
                    self.errors
                        .at(at.span, format!("this axis of `{name}` stands for any number of axes: read it as `..`"));
                    return None;
                }
                // A row-major position in an axis of several parts.
                let position = self.expression(at, Mode::Integer)?;
                flat.extend(self.split(&leaves, position));
            }
            Position::Fused { parts, span } => match axis {
                Nest::Fused(inner) if inner.len() == parts.len() && parts.len() > 1 => {
                    for (part, inner) in parts.iter().zip(inner) {
                        self.position(inner, part, name, flat)?;
                    }
                }
                _ => {
                    let position = self.row_major(parts, *span)?;
                    if leaves.len() == 1 { flat.push(position) } else { flat.extend(self.split(&leaves, position)) }
                }
            },
        }
        Some(())
    }

    /// A position in a fused axis as positions in its parts.
    fn split(&self, axis: &[IndexId], position: Expr) -> Vec<Expr> {
        let mut parts = vec![];
        let mut rest = position;
        for (at, index) in axis.iter().enumerate().rev() {
            let len = Expr::Len(self.layer.origin(*index));
            if at == 0 {
                parts.push(rest.clone());
            } else {
                parts.push(call("rem", vec![rest.clone(), len.clone()]));
                rest = call("floor_div", vec![rest, len]);
            }
        }
        parts.reverse();
        parts
    }

    /// `(g, c)` as one number: `g * len(c) + c`.
    fn row_major(&mut self, parts: &[Position], span: Span) -> Built {
        let mut sum: Built = None;
        for part in parts {
            let (value, len) = match part {
                Position::At(at) => {
                    let value = self.expression(at, Mode::Integer)?;
                    let len =
                        if let Expr::Index(index) = &value { Some(Expr::Len(self.layer.origin(*index))) } else { None };
                    (value, len)
                }
                Position::Rest { name, span } => {
                    let text = rest_name(name.as_ref());
                    let Some((_, index)) = self.scope.iter().rev().find(|(other, _)| *other == text) else {
                        if !self.missing.is_named(&text) {
                            self.errors.at(*span, format!("`{text}` is not on the left and nothing reduces it"));
                        }
                        return None;
                    };
                    (Expr::Index(*index), Some(Expr::Len(self.layer.origin(*index))))
                }
                Position::Fused { parts, span } => {
                    let lens = self.row_major_len(parts);
                    (self.row_major(parts, *span)?, lens)
                }
            };
            sum = Some(match (sum, len) {
                (None, _) => value,
                (Some(before), Some(len)) => call("add", vec![call("mul", vec![before, len]), value]),
                (Some(_), None) => {
                    self.errors.at(span, "the parts of a fused position behind the first are index names here: their extents say how far apart the rows are");
                    return None;
                }
            });
        }
        sum
    }

    fn row_major_len(&mut self, parts: &[Position]) -> Built {
        let mut product: Built = None;
        for part in parts {
            let Position::At(ast::Expr { kind: ExprKind::Name(name), .. }) = part else { return None };
            let text = name.unraw().to_string();
            let (_, index) = self.scope.iter().rev().find(|(other, _)| *other == text)?;
            let len = Expr::Len(self.layer.origin(*index));
            product = Some(match product {
                None => len,
                Some(before) => call("mul", vec![before, len]),
            });
        }
        product
    }

    fn written(&self, tensor: TensorId) -> String {
        super::super::print::declaration(&self.layer, tensor)
    }
}

fn axis_count(count: usize) -> String {
    match count {
        0 => "no axes".into(),
        1 => "1 axis".into(),
        n => format!("{n} axes"),
    }
}

fn stand(count: usize) -> String {
    match count {
        0 => "no positions are".into(),
        1 => "1 position is".into(),
        n => format!("{n} positions are"),
    }
}
