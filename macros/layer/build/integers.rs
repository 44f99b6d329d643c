//! Which tensors hold integers without saying so.

use syn::ext::IdentExt;

use super::super::ast::{self, ExprKind, LayerText, Statement};
use super::super::ir::Type;
use super::Builder;

impl Builder<'_> {
    /// Lets that are declared without `of` and hold integers all the same: `let cell[i] = floor(x[i])`.
    pub(super) fn infer_integers(&mut self, text: &LayerText) {
        // An integer's value may depend on another integer tensor's: as many rounds as there are statements reach the end.
        for _ in 0..text.statements.len() {
            let mut changed = false;
            for statement in &text.statements {
                if let Statement::Let { declaration, value } = statement {
                    let Some(id) = self.declared(declaration) else { continue };
                    if !self.layer.tensor(id).integer && self.is_integer(value) {
                        self.layer.tensors[id.0].integer = true;
                        changed = true;
                    }
                }
            }
            if !changed {
                break;
            }
        }
    }

    fn is_integer(&self, expr: &ast::Expr) -> bool {
        match &expr.kind {
            ExprKind::Integer(_) | ExprKind::Len { .. } => true,
            ExprKind::Name(name) => {
                let text = name.unraw().to_string();
                self.indices.contains_key(&text)
                    || self.tensors.get(&text).is_some_and(|id| self.layer.tensor(*id).integer)
                    || self.fields.get(&text).is_some_and(|id| self.layer.fields[id.0].value_type() == Type::Int)
            }
            ExprKind::Read { name, .. } => {
                let text = name.unraw().to_string();
                self.tensors.get(&text).is_some_and(|id| self.layer.tensor(*id).integer)
                    || self.fields.get(&text).is_some_and(|id| self.layer.fields[id.0].value_type() == Type::Int)
            }
            ExprKind::Call { name, arguments } => match name.to_string().as_str() {
                "floor" | "ceil" | "round" | "trunc" | "sign" | "ceil_div" => true,
                "min" | "max" | "clamp" | "abs" | "square" | "stop" => arguments.iter().all(|a| self.is_integer(a)),
                _ => false,
            },
            ExprKind::Negate(one) => self.is_integer(one),
            ExprKind::Binary { operator, left, right } => {
                use ast::Operator as O;
                matches!(operator, O::Add | O::Subtract | O::Multiply | O::Remainder)
                    && self.is_integer(left)
                    && self.is_integer(right)
            }
            ExprKind::If { then, otherwise, .. } => {
                self.is_integer(then) && otherwise.as_ref().is_some_and(|e| self.is_integer(e))
            }
            ExprKind::Reduce { name, body, .. } => match name.to_string().as_str() {
                "argmax" | "argmin" => true,
                "sum" | "max" | "min" | "prod" => self.is_integer(body),
                _ => false,
            },
            ExprKind::Real(_) | ExprKind::Bool(_) | ExprKind::Not(_) => false,
        }
    }
}
