//! Expressions and their parts.

use super::{Expr, IndexId, Reduce, TensorId};

impl Expr {
    /// All direct parts, conditions and positions included.
    pub(crate) fn children(&self) -> Vec<&Expr> {
        match self {
            Expr::Int(_)
            | Expr::Real(_)
            | Expr::Bool(_)
            | Expr::Index(_)
            | Expr::Len(_)
            | Expr::Field(_)
            | Expr::Training => vec![],
            Expr::Element(_, at) => vec![at],
            Expr::Read(_, all, _) | Expr::Call(_, all, _) => all.iter().collect(),
            Expr::Compare(_, two) | Expr::And(two) | Expr::Or(two) | Expr::StraightThrough(two) => two.iter().collect(),
            Expr::Not(one) | Expr::Stop(one, _) => vec![one],
            Expr::If(three, _) => three.iter().collect(),
            Expr::Reduce(reduce) => reduce.conditions.iter().chain([&reduce.body]).collect(),
        }
    }

    /// The same expression with every direct part replaced.
    pub(crate) fn map(&self, f: &mut dyn FnMut(&Expr) -> Expr) -> Expr {
        let two = |two: &[Expr; 2], f: &mut dyn FnMut(&Expr) -> Expr| Box::new([f(&two[0]), f(&two[1])]);
        match self {
            Expr::Int(_)
            | Expr::Real(_)
            | Expr::Bool(_)
            | Expr::Index(_)
            | Expr::Len(_)
            | Expr::Field(_)
            | Expr::Training => self.clone(),
            Expr::Element(field, at) => Expr::Element(*field, Box::new(f(at))),
            Expr::Read(tensor, at, place) => Expr::Read(*tensor, at.iter().map(f).collect(), *place),
            Expr::Call(primitive, all, place) => Expr::Call(*primitive, all.iter().map(f).collect(), *place),
            Expr::Compare(comparison, both) => Expr::Compare(*comparison, two(both, f)),
            Expr::And(both) => Expr::And(two(both, f)),
            Expr::Or(both) => Expr::Or(two(both, f)),
            Expr::StraightThrough(both) => Expr::StraightThrough(two(both, f)),
            Expr::Not(one) => Expr::Not(Box::new(f(one))),
            Expr::Stop(one, place) => Expr::Stop(Box::new(f(one)), *place),
            Expr::If(three, place) => Expr::If(Box::new([f(&three[0]), f(&three[1]), f(&three[2])]), *place),
            Expr::Reduce(reduce) => Expr::Reduce(Box::new(Reduce {
                kind: reduce.kind,
                indices: reduce.indices.clone(),
                conditions: reduce.conditions.iter().map(&mut *f).collect(),
                body: f(&reduce.body),
                place: reduce.place,
            })),
        }
    }

    /// Visits the expression and all its parts.
    pub(crate) fn visit<'a>(&'a self, f: &mut dyn FnMut(&'a Expr)) {
        f(self);
        for child in self.children() {
            child.visit(f);
        }
    }

    /// Whether any part satisfies `f`.
    pub(crate) fn any(&self, f: &mut dyn FnMut(&Expr) -> bool) -> bool {
        f(self) || self.children().into_iter().any(|child| child.any(f))
    }

    /// Whether the position of `index` is mentioned.
    pub(crate) fn mentions(&self, index: IndexId) -> bool {
        self.any(&mut |e| *e == Expr::Index(index))
    }

    /// The indices whose positions are mentioned and not bound inside, without repetition.
    pub(crate) fn free_indices(&self) -> Vec<IndexId> {
        fn walk(expr: &Expr, bound: &mut Vec<IndexId>, free: &mut Vec<IndexId>) {
            match expr {
                Expr::Index(index) if !bound.contains(index) && !free.contains(index) => free.push(*index),
                Expr::Reduce(reduce) => {
                    let before = bound.len();
                    bound.extend(&reduce.indices);
                    expr.children().into_iter().for_each(|child| walk(child, bound, free));
                    bound.truncate(before);
                }
                _ => expr.children().into_iter().for_each(|child| walk(child, bound, free)),
            }
        }
        let mut free = vec![];
        walk(self, &mut vec![], &mut free);
        free
    }

    /// Replaces positions of indices. The replacements may not mention indices that the expression binds.
    pub(crate) fn substitute(&self, replace: &dyn Fn(IndexId) -> Option<Expr>) -> Expr {
        match self {
            Expr::Index(index) => replace(*index).unwrap_or_else(|| self.clone()),
            Expr::Reduce(reduce) => {
                let inner = |index: IndexId| if reduce.indices.contains(&index) { None } else { replace(index) };
                self.map(&mut |child| child.substitute(&inner))
            }
            _ => self.map(&mut |child| child.substitute(replace)),
        }
    }

    pub(crate) fn reads(&self, tensor: TensorId) -> bool {
        self.any(&mut |e| matches!(e, Expr::Read(t, ..) if *t == tensor))
    }
}
