//! Index names and their extents: gathered over the whole text first, for the order of statements is the reader's affair.

use proc_macro2::Span;
use syn::ext::IdentExt;

use super::super::ast::{self, Axis, ExprKind, LayerText, Statement};
use super::super::ir::{Expr, Extent, Index, IndexId, Role, TensorId};
use super::{Builder, nearest};

/// An axis as it was written: an index (or an ellipsis), or a fusion of such.
#[derive(Clone, Debug)]
pub(super) enum Nest {
    One(IndexId),
    Fused(Vec<Nest>),
}

impl Nest {
    /// The indices, in row-major order.
    pub(super) fn leaves(&self) -> Vec<IndexId> {
        match self {
            Nest::One(index) => vec![*index],
            Nest::Fused(parts) => parts.iter().flat_map(Nest::leaves).collect(),
        }
    }
}

/// How an ellipsis is called: `..` or `..name`.
pub(super) fn rest_name(name: Option<&proc_macro2::Ident>) -> String {
    format!("..{}", name.map(|n| n.unraw().to_string()).unwrap_or_default())
}

impl Builder<'_> {
    /// Gives every index name its extent and every tensor its axes.
    pub(super) fn introduce(&mut self, text: &LayerText) {
        let mut given: Vec<(String, Span, &ast::Expr)> = vec![];
        for statement in &text.statements {
            if let Some(declaration) = statement.declaration() {
                let arriving = matches!(statement, Statement::Input(_) | Statement::Target(_));
                declaration.axes.iter().for_each(|axis| self.gather(axis, arriving, &mut given));
            }
            for expr in expressions(statement) {
                bindings(expr, &mut |axis| gather_given(axis, &mut given));
            }
        }
        // Names first, for an extent's formula may mention any index.
        for (name, span, formula) in &given {
            self.name_index(name, *span);
            if !self.indices.contains_key(name) {
                self.add_index(name.clone(), Extent::Batch, *span);
            } else if !self.same_formula(name, formula, &given) {
                self.errors.at(
                    *span,
                    format!("index `{name}` is given two extents; give it one, and use the bare name elsewhere"),
                );
                self.missing.name(name);
            }
        }
        for (statement, arriving) in
            text.statements.iter().map(|s| (s, matches!(s, Statement::Input(_) | Statement::Target(_))))
        {
            if arriving && let Some(declaration) = statement.declaration() {
                self.arrive(declaration);
            }
        }
        for (name, _, formula) in &given {
            let id = self.indices[name];
            if let Extent::Batch = self.layer.index(id).extent {
                let extent = self.extent(formula);
                if extent.is_none() {
                    self.missing.name(name);
                    self.miss_reads(formula);
                }
                // Any number will do for an extent that is missing: whatever has it is missing too.
                self.layer.indices[id.0].extent = Extent::Given(extent.unwrap_or(Expr::Int(3)));
            }
        }
        for statement in &text.statements {
            if let Some(declaration) = statement.declaration() {
                self.axes(declaration);
            }
        }
        self.endless();
        self.shapeless();
    }

    /// What has a missing index, or an extent computed from one, is missing too.
    fn shapeless(&mut self) {
        let missing = |builder: &Self, id: &IndexId| builder.missing.is_named(&builder.layer.index(*id).name);
        loop {
            let more = (1..self.layer.indices.len())
                .map(IndexId)
                .find(|id| !missing(self, id) && self.mentioned(*id).iter().any(|mentioned| missing(self, mentioned)));
            let Some(more) = more else { break };
            self.missing.name(&self.layer.indices[more.0].name);
        }
        for tensor in 0..self.layer.tensors.len() {
            if self.layer.tensors[tensor].indices().iter().any(|id| missing(self, id)) {
                self.missing.tensor(&self.layer, TensorId(tensor));
            }
        }
    }

    fn add_index(&mut self, name: String, extent: Extent, span: Span) -> IndexId {
        let id = IndexId(self.layer.indices.len());
        self.layer.indices.push(Index { name: name.clone(), extent, span });
        self.indices.insert(name, id);
        id
    }

    /// An index may not share its name with a field or a tensor.
    fn name_index(&mut self, name: &str, span: Span) {
        self.reserved(name, span);
        if self.fields.contains_key(name) || self.tensors.contains_key(name) {
            let what = if self.fields.contains_key(name) { "a field of the struct" } else { "a tensor" };
            self.errors.at(span, format!("`{name}` is {what}; fields, tensors and indices share one name space: choose another name for the index"));
            self.missing.name(name);
        }
    }

    fn same_formula(&self, name: &str, formula: &ast::Expr, given: &[(String, Span, &ast::Expr)]) -> bool {
        given.iter().find(|(other, ..)| other == name).is_none_or(|(_, _, first)| alike(first, formula))
    }

    fn gather<'t>(&mut self, axis: &'t Axis, arriving: bool, given: &mut Vec<(String, Span, &'t ast::Expr)>) {
        match axis {
            Axis::Index { name, extent: Some(_) } if arriving => {
                let text = name.unraw();
                self.errors.at(name.span(), format!("`{text}` arrives with its extent; write the bare name, and compare with `require len({text}) == …` if it must have a certain one"));
                self.missing.name(&text.to_string());
            }
            Axis::Fused { parts, .. } => parts.iter().for_each(|part| self.gather(part, false, given)),
            _ => gather_given(axis, given),
        }
    }

    /// The extents that an input brings.
    fn arrive(&mut self, declaration: &ast::Declaration) {
        let Some(tensor) = self.declared(declaration) else { return };
        let mut unknown_rests = vec![];
        for (at, axis) in declaration.axes.iter().enumerate() {
            let mut free = vec![];
            self.arrive_axis(axis, tensor, at, &mut free, &mut unknown_rests);
            if let [_, second, ..] = free.as_slice() {
                self.missing.tensor(&self.layer, tensor);
                self.errors.at(
                    *second,
                    "two parts of this axis have no extent; give all but one of them an extent, as in `(g: groups, c)`",
                );
            }
        }
        if let [_, second, ..] = unknown_rests.as_slice() {
            self.missing.tensor(&self.layer, tensor);
            self.errors.at(*second, "where two ellipses stand in one tensor, all but one say how many axes they stand for: `..before: axis`");
        }
    }

    fn arrive_axis(&mut self, axis: &Axis, tensor: TensorId, at: usize, free: &mut Vec<Span>, rests: &mut Vec<Span>) {
        match axis {
            Axis::Index { name, .. } => {
                let text = name.unraw().to_string();
                if !self.indices.contains_key(&text) {
                    self.name_index(&text, name.span());
                    self.add_index(text, Extent::Arrives { tensor, axis: at }, name.span());
                    free.push(name.span());
                }
            }
            Axis::Fused { parts, .. } => parts.iter().for_each(|part| self.arrive_axis(part, tensor, at, free, rests)),
            Axis::Rest { name, rank, span } => {
                let text = rest_name(name.as_ref());
                if !self.indices.contains_key(&text) {
                    if rank.is_none() {
                        rests.push(*span);
                    }
                    let id = self.add_index(text, Extent::Rest { tensor, axis: at, rank: None }, *span);
                    let rank = rank.as_ref().and_then(|rank| self.extent(rank));
                    self.layer.indices[id.0].extent = Extent::Rest { tensor, axis: at, rank };
                }
            }
        }
    }

    /// The tensor of a declaration; none where its name was refused.
    pub(super) fn declared(&self, declaration: &ast::Declaration) -> Option<TensorId> {
        self.tensors.get(&declaration.name.unraw().to_string()).copied()
    }

    /// The axes of a tensor, all of whose names are known by now.
    fn axes(&mut self, declaration: &ast::Declaration) {
        let Some(tensor) = self.declared(declaration) else { return };
        let nests: Vec<Option<Nest>> = declaration.axes.iter().map(|axis| self.parts(axis)).collect();
        let Some(nests) = nests.into_iter().collect::<Option<Vec<Nest>>>() else {
            // Nobody reads it any more; its formula has the indices that are known.
            let known = declaration.axes.iter().flat_map(|axis| self.known(axis)).map(|index| vec![index]).collect();
            self.layer.tensors[tensor.0].axes = known;
            self.layer.tensors[tensor.0].fused = vec![false; declaration.axes.len()];
            return self.missing.tensor(&self.layer, tensor);
        };
        let axes: Vec<Vec<IndexId>> = nests.iter().map(Nest::leaves).collect();
        self.nests.insert(tensor, nests);
        let all: Vec<IndexId> = axes.iter().flatten().copied().collect();
        for (at, index) in all.iter().enumerate() {
            if all[..at].contains(index) {
                let name = self.layer.index(*index).name.clone();
                let span = spans(&declaration.axes).get(at).copied().unwrap_or_else(|| declaration.name.span());
                self.errors.at(span, format!("index `{name}` stands twice on the left; the two axes need two names"));
                self.missing.tensor(&self.layer, tensor);
            }
        }
        self.layer.tensors[tensor.0].axes = axes;
        self.layer.tensors[tensor.0].fused =
            declaration.axes.iter().map(|axis| matches!(axis, Axis::Fused { .. })).collect();
    }

    fn known(&self, axis: &Axis) -> Vec<IndexId> {
        let name = match axis {
            Axis::Index { name, .. } => name.unraw().to_string(),
            Axis::Rest { name, .. } => rest_name(name.as_ref()),
            Axis::Fused { parts, .. } => return parts.iter().flat_map(|part| self.known(part)).collect(),
        };
        self.indices.get(&name).copied().into_iter().collect()
    }

    /// None where an index of the axis is missing.
    fn parts(&mut self, axis: &Axis) -> Option<Nest> {
        match axis {
            Axis::Index { name, .. } => {
                let text = name.unraw().to_string();
                if let Some(id) = self.indices.get(&text) {
                    return Some(Nest::One(*id));
                }
                if self.fields.contains_key(&text) || self.tensors.contains_key(&text) {
                    self.name_index(&text, name.span());
                } else if self.missing.is_new_index(&text) {
                    let known: Vec<&str> = self.indices.keys().map(String::as_str).collect();
                    let hint = nearest(&text, known.into_iter())
                        .map(|near| format!("; did you mean `{near}`?"))
                        .unwrap_or_default();
                    self.errors.at(name.span(), format!("index `{text}` has no extent: no input brings it; write `{text}: EXTENT` where it first stands{hint}"));
                }
                None
            }
            Axis::Fused { parts, .. } => {
                let parts: Vec<Option<Nest>> = parts.iter().map(|part| self.parts(part)).collect();
                Some(Nest::Fused(parts.into_iter().collect::<Option<_>>()?))
            }
            Axis::Rest { name, span, .. } => {
                let text = rest_name(name.as_ref());
                if let Some(id) = self.indices.get(&text) {
                    return Some(Nest::One(*id));
                }
                if self.missing.is_new_index(&text) {
                    self.errors
                        .at(*span, format!("`{text}` stands for axes that an input brings, and no input has `{text}`"));
                }
                None
            }
        }
    }

    /// Extents that lead back to themselves.
    fn endless(&mut self) {
        for at in 0..self.layer.indices.len() {
            let mut seen = vec![];
            if self.leads_to(IndexId(at), IndexId(at), &mut seen) {
                let index = self.layer.indices[at].clone();
                self.errors.at(index.span, format!("the extent of index `{}` is defined by itself", index.name));
                self.missing.name(&index.name);
            }
        }
    }

    fn leads_to(&self, from: IndexId, to: IndexId, seen: &mut Vec<IndexId>) -> bool {
        self.mentioned(from).into_iter().any(|next| {
            next == to || {
                let new = !seen.contains(&next);
                seen.push(next);
                new && self.leads_to(next, to, seen)
            }
        })
    }

    /// The indices whose extents an index's extent is computed from.
    fn mentioned(&self, id: IndexId) -> Vec<IndexId> {
        let mut all = vec![];
        match &self.layer.index(id).extent {
            Extent::Given(formula) | Extent::Rest { rank: Some(formula), .. } => formula.visit(&mut |e| {
                if let Expr::Len(index) = e {
                    all.push(*index);
                }
            }),
            // A part of a fused axis is the axis divided by its other parts.
            Extent::Arrives { tensor, axis } => {
                all.extend(
                    self.layer.tensor(*tensor).axes.get(*axis).into_iter().flatten().filter(|part| **part != id),
                );
            }
            Extent::Same(other) => all.push(*other),
            _ => {}
        }
        all
    }

    pub(super) fn role(&self, id: TensorId) -> &Role {
        &self.layer.tensor(id).role
    }
}

fn gather_given<'t>(axis: &'t Axis, given: &mut Vec<(String, Span, &'t ast::Expr)>) {
    match axis {
        Axis::Index { name, extent: Some(extent) } => given.push((name.unraw().to_string(), name.span(), extent)),
        Axis::Fused { parts, .. } => parts.iter().for_each(|part| gather_given(part, given)),
        _ => {}
    }
}

fn spans(axes: &[Axis]) -> Vec<Span> {
    axes.iter()
        .flat_map(|axis| match axis {
            Axis::Index { name, .. } => vec![name.span()],
            Axis::Fused { parts, .. } => spans(parts),
            Axis::Rest { span, .. } => vec![*span],
        })
        .collect()
}

pub(super) fn expressions(statement: &Statement) -> Vec<&ast::Expr> {
    match statement {
        Statement::Let { value, .. } | Statement::Output { value, .. } | Statement::Update { value, .. } => vec![value],
        Statement::Draw { arguments, .. } => arguments.iter().collect(),
        _ => vec![],
    }
}

/// Calls `f` for every binding of a reduction, at any depth.
fn bindings<'t>(expr: &'t ast::Expr, f: &mut dyn FnMut(&'t Axis)) {
    if let ExprKind::Reduce { bindings: all, .. } = &expr.kind {
        all.iter().for_each(&mut *f);
    }
    expr.parts().into_iter().for_each(|part| bindings(part, f));
}

/// Whether two formulas are written alike.
fn alike(a: &ast::Expr, b: &ast::Expr) -> bool {
    match (&a.kind, &b.kind) {
        (ExprKind::Integer(a), ExprKind::Integer(b)) => a == b,
        (ExprKind::Name(a), ExprKind::Name(b)) => a.unraw() == b.unraw(),
        (ExprKind::Negate(a), ExprKind::Negate(b)) => alike(a, b),
        (ExprKind::Binary { operator: p, left: a, right: b }, ExprKind::Binary { operator: q, left: c, right: d }) => {
            p == q && alike(a, c) && alike(b, d)
        }
        (ExprKind::Call { name: p, arguments: a }, ExprKind::Call { name: q, arguments: b }) => {
            p == q && a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(a, b))
        }
        (ExprKind::Len { indices: a }, ExprKind::Len { indices: b }) => {
            a.len() == b.len()
                && a.iter().zip(b).all(
                    |(a, b)| matches!((a, b), (Axis::Index { name: a, .. }, Axis::Index { name: b, .. }) if a == b),
                )
        }
        (ExprKind::Read { name: a, positions: p }, ExprKind::Read { name: b, positions: q }) => {
            a == b
                && p.len() == q.len()
                && p.iter()
                    .zip(q)
                    .all(|(p, q)| matches!((p, q), (ast::Position::At(p), ast::Position::At(q)) if alike(p, q)))
        }
        _ => false,
    }
}
