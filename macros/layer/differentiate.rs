//! Reverse mode on index notation. Every definition, last to first, gives the cotangent of its tensor on to what it reads; a
//! tensor's gradient is the sum of what it was given. The derivative of a primitive comes from the table: no primitive has a
//! name here.
//!
//! Input: a checked layer. Output: definitions of gradients (and of the positions of maxima), in the order of computation,
//! in the same language.

use super::calculus::call;
use super::classify::Classes;
use super::ir::{
    BATCH, Comparison, Definition, Expr, Extent, IndexId, Layer, Outside, Place, Rate, Reduce, Reduction, Role, Tensor,
    TensorId, Type, Value,
};
use super::linear::Polynomial;
use super::primitives::Class;
use super::simplify::simplify;

/// What one read contributes to the gradient of the tensor it reads.
struct Term {
    /// Indices summed over.
    bound: Vec<IndexId>,
    conditions: Vec<Expr>,
    /// Where the tensor is read.
    positions: Vec<Expr>,
    value: Expr,
}

/// Where a cotangent stands: inside these sums and conditions.
#[derive(Clone, Default)]
struct Path {
    bound: Vec<IndexId>,
    conditions: Vec<Expr>,
}

struct Sweep<'a> {
    layer: &'a mut Layer,
    classes: &'a Classes,
    /// By the tensors' numbers.
    given: Vec<Vec<Term>>,
    result: Vec<Definition>,
}

/// The definitions of the backward pass. Gradient tensors are added to the layer.
pub(crate) fn differentiate(layer: &mut Layer, classes: &Classes) -> Vec<Definition> {
    let forward = layer.definitions.clone();
    let mut sweep = Sweep { layer, classes, given: vec![], result: vec![] };
    sweep.given.resize_with(sweep.layer.tensors.len(), Vec::new);
    for definition in forward.iter().rev() {
        let Value::Formula(value) = &definition.value else { continue };
        let tensor = definition.tensor;
        if !sweep.flows(tensor) {
            continue;
        }
        if sweep.layer.tensor(tensor).role == Role::Output {
            // Its cotangent arrives; what later definitions read of it is added.
            let gradient = sweep.gradient(tensor);
            let terms = std::mem::take(&mut sweep.given[tensor.0]);
            if !terms.is_empty() {
                sweep.define(gradient, tensor, terms, &definition.guard);
            }
        } else {
            let terms = std::mem::take(&mut sweep.given[tensor.0]);
            if terms.is_empty() {
                continue;
            }
            let gradient = sweep.gradient(tensor);
            sweep.define(gradient, tensor, terms, &definition.guard);
        }
        let own = sweep.layer.tensor(tensor).indices();
        let read = |id: TensorId| {
            Expr::Read(id, own.iter().map(|index| Expr::Index(*index)).collect(), Place(definition.span))
        };
        let cotangent = read(sweep.gradient(tensor));
        let path = Path { bound: own.clone(), conditions: definition.guard.clone() };
        sweep.back(value, Some(&read(tensor)), &cotangent, &path);
    }
    for (at, terms) in std::mem::take(&mut sweep.given).into_iter().enumerate() {
        if !terms.is_empty() {
            let gradient = sweep.gradient(TensorId(at));
            sweep.define(gradient, TensorId(at), terms, &[]);
        }
    }
    sweep.result
}

impl Sweep<'_> {
    /// Whether anybody can want the gradient of a tensor.
    fn flows(&self, tensor: TensorId) -> bool {
        let declared = self.layer.tensor(tensor);
        match declared.role {
            Role::Target | Role::Draw | Role::Gradient(_) => false,
            Role::Param(_) => !declared.integer,
            Role::Input => {
                !declared.integer
                    && self.classes.of_layer(self.layer, tensor).is_some_and(|found| found.class != Class::None)
            }
            Role::Let | Role::Output => !declared.integer && self.classes.differentiable(self.layer, tensor),
        }
    }

    fn reaches(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Read(tensor, ..) => self.flows(*tensor),
            Expr::Stop(..) => false,
            Expr::StraightThrough(both) => self.reaches(&both[1]),
            Expr::If(three, _) => self.reaches(&three[1]) || self.reaches(&three[2]),
            Expr::Reduce(reduce) => self.reaches(&reduce.body),
            Expr::Call(_, arguments, _) => arguments.iter().any(|a| self.reaches(a)),
            _ => false,
        }
    }

    fn gradient(&mut self, of: TensorId) -> TensorId {
        if let Some(known) = self.layer.tensors_of(|role| *role == Role::Gradient(of)).first() {
            return *known;
        }
        let tensor = self.layer.tensor(of).clone();
        self.layer.tensors.push(Tensor {
            role: Role::Gradient(of),
            outside: None,
            integer: false,
            below: None,
            ..tensor
        });
        TensorId(self.layer.tensors.len() - 1)
    }

    /// Gives the cotangent `g` of `expr` on to what `expr` reads. `name`: a read of the tensor that `expr` defines.
    fn back(&mut self, expr: &Expr, name: Option<&Expr>, g: &Expr, path: &Path) {
        if !self.reaches(expr) {
            return;
        }
        match expr {
            Expr::Read(tensor, positions, _) => {
                let term = Term {
                    bound: path.bound.clone(),
                    conditions: path.conditions.clone(),
                    positions: positions.clone(),
                    value: g.clone(),
                };
                self.given[tensor.0].push(term);
            }
            Expr::Call(primitive, arguments, _) => {
                let y = name.unwrap_or(expr);
                for (k, argument) in arguments.iter().enumerate() {
                    if self.reaches(argument)
                        && let Some(cotangent) = primitive.cotangent(k, arguments, y, g)
                    {
                        self.back(argument, None, &simplify(&cotangent), path);
                    }
                }
            }
            Expr::If(three, _) => {
                for (branch, condition) in [(1, three[0].clone()), (2, self.negated(&three[0]))] {
                    let mut inner = path.clone();
                    inner.conditions.push(condition);
                    self.back(&three[branch], None, g, &inner);
                }
            }
            Expr::Reduce(reduce) => self.back_reduce(reduce, name, g, path),
            Expr::StraightThrough(both) => self.back(&both[1], None, g, path),
            _ => {}
        }
    }

    fn back_reduce(&mut self, reduce: &Reduce, name: Option<&Expr>, g: &Expr, path: &Path) {
        let mut inner = path.clone();
        inner.bound.extend(&reduce.indices);
        inner.conditions.extend(reduce.conditions.iter().cloned());
        match reduce.kind {
            Reduction::Sum => self.back(&reduce.body, None, g, &inner),
            Reduction::Product => {
                let others = self.others(reduce);
                self.back(&reduce.body, None, &call("mul", vec![g.clone(), others]), &inner);
            }
            Reduction::Maximum | Reduction::Minimum => {
                let Some(Expr::Read(tensor, positions, _)) = name else { return };
                let chosen = self.position_of_best(reduce, *tensor, positions, &path.conditions);
                inner
                    .conditions
                    .push(Expr::Compare(Comparison::Equal, Box::new([chosen, self.row_major(&reduce.indices)])));
                self.back(&reduce.body, None, g, &inner);
            }
            Reduction::ArgMaximum | Reduction::ArgMinimum | Reduction::Count => {}
        }
    }

    /// The product of all elements but the one at the reduction's own indices.
    fn others(&mut self, reduce: &Reduce) -> Expr {
        let copies: Vec<IndexId> = reduce.indices.iter().map(|index| self.layer.copy_index(*index)).collect();
        let rename = |index: IndexId| reduce.indices.iter().position(|i| *i == index).map(|at| Expr::Index(copies[at]));
        let differ = reduce
            .indices
            .iter()
            .zip(&copies)
            .map(|(own, copy)| Expr::Compare(Comparison::NotEqual, Box::new([Expr::Index(*copy), Expr::Index(*own)])))
            .reduce(|a, b| Expr::Or(Box::new([a, b])));
        let conditions = differ.into_iter().chain(reduce.conditions.iter().map(|c| c.substitute(&rename))).collect();
        Expr::Reduce(Box::new(Reduce {
            kind: Reduction::Product,
            indices: copies.clone(),
            conditions,
            body: reduce.body.substitute(&rename),
            place: reduce.place,
        }))
    }

    /// A tensor that says where the maximum was, computed on the way back, or once a step.
    fn position_of_best(&mut self, reduce: &Reduce, of: TensorId, positions: &[Expr], conditions: &[Expr]) -> Expr {
        let tensor = self.layer.tensor(of).clone();
        let taken = |name: &str| self.layer.tensors.iter().any(|t| t.name == name);
        let name = (0..)
            .map(|n| format!("{}_at{}", tensor.name, if n == 0 { String::new() } else { n.to_string() }))
            .find(|name| !taken(name))
            .unwrap_or_default();
        self.layer.tensors.push(Tensor { name, role: Role::Let, integer: true, below: None, outside: None, ..tensor });
        let id = TensorId(self.layer.tensors.len() - 1);
        let kind = if reduce.kind == Reduction::Maximum { Reduction::ArgMaximum } else { Reduction::ArgMinimum };
        let value = Expr::Reduce(Box::new(Reduce { kind, ..reduce.clone() }));
        let definition =
            Definition { tensor: id, guard: conditions.to_vec(), value: Value::Formula(value), span: reduce.place.0 };
        // Where it is the same for all samples it is found once, with the maximum.
        let rate = self.layer.tensor(id).rate;
        if rate == Rate::Sample { &mut self.result } else { &mut self.layer.definitions }.push(definition);
        Expr::Read(id, positions.to_vec(), reduce.place)
    }

    fn row_major(&self, indices: &[IndexId]) -> Expr {
        let mut position: Option<Expr> = None;
        for index in indices {
            let here = Expr::Index(*index);
            position = Some(match position {
                None => here,
                Some(before) => {
                    call("add", vec![call("mul", vec![before, Expr::Len(self.layer.origin(*index))]), here])
                }
            });
        }
        position.unwrap_or(Expr::Int(0))
    }

    /// `grad(tensor) = ` the sum of its terms.
    fn define(&mut self, gradient: TensorId, of: TensorId, terms: Vec<Term>, guard: &[Expr]) {
        let span = self.layer.tensor(of).span;
        let terms: Vec<Expr> = terms.into_iter().filter_map(|term| self.term(of, term, guard)).collect();
        let Some(value) = self.joined(terms).into_iter().reduce(|a, b| call("add", vec![a, b])) else { return };
        self.result.push(Definition { tensor: gradient, guard: guard.to_vec(), value: Value::Formula(value), span });
    }

    /// One term as a formula in the tensor's own indices: positions that are bare indices are renamed, the others stay as equalities.
    /// What the guard says already is left out.
    fn term(&mut self, of: TensorId, term: Term, guard: &[Expr]) -> Option<Expr> {
        let own = self.layer.tensor(of).indices();
        let Term { mut bound, mut conditions, mut positions, mut value } = term;
        bound.retain(|index| *index != BATCH);
        // Summed indices that share a name with the tensor's own ones step aside, unless they stand on their own axis.
        let aside: Vec<IndexId> = bound.iter().copied().filter(|index| own.contains(index)).collect();
        for index in aside {
            let copy = self.layer.copy_index(index);
            let rename = |other: IndexId| (other == index).then_some(Expr::Index(copy));
            bound.iter_mut().filter(|b| **b == index).for_each(|b| *b = copy);
            positions = positions.iter().map(|e| e.substitute(&rename)).collect();
            conditions = conditions.iter().map(|e| e.substitute(&rename)).collect();
            value = value.substitute(&rename);
        }
        let outside = self.layer.tensor(of).outside.clone();
        for k in 0..own.len() {
            let index = own[k];
            let bare = match &positions[k] {
                Expr::Index(from) if bound.contains(from) => Some(*from),
                _ => None,
            };
            if let Some(from) = bare {
                let rename = |other: IndexId| (other == from).then_some(Expr::Index(index));
                bound.retain(|b| *b != from);
                positions = positions.iter().map(|e| e.substitute(&rename)).collect();
                conditions = conditions.iter().map(|e| e.substitute(&rename)).collect();
                value = value.substitute(&rename);
                if !self.same_extent(from, index) {
                    let len = Expr::Len(self.layer.origin(from));
                    conditions.insert(0, Expr::Compare(Comparison::Less, Box::new([Expr::Index(index), len])));
                }
            } else {
                let read = self.inside(&positions[k], index, outside.as_ref());
                if Expr::Index(index) != read {
                    conditions.push(Expr::Compare(Comparison::Equal, Box::new([Expr::Index(index), read])));
                }
            }
        }
        let mut kept: Vec<Expr> = vec![];
        for condition in conditions.iter().map(simplify) {
            if condition != Expr::Bool(true)
                && !kept.contains(&condition)
                && !guard.contains(&condition)
                && !self.always(&condition)
            {
                kept.push(condition);
            }
        }
        let value = simplify(&value);
        if value == Expr::Real(0.0) || kept.contains(&Expr::Bool(false)) {
            return None;
        }
        let place = Place(self.layer.tensor(of).span);
        Some(if !bound.is_empty() {
            Expr::Reduce(Box::new(Reduce {
                kind: Reduction::Sum,
                indices: bound,
                conditions: kept,
                body: value,
                place,
            }))
        } else {
            match kept.into_iter().reduce(|a, b| Expr::And(Box::new([a, b]))) {
                Some(condition) => Expr::If(Box::new([condition, value, Expr::Real(0.0)]), place),
                None => value,
            }
        })
    }

    /// Terms under a condition and under its contrary are the branches of one `if`.
    fn joined(&self, terms: Vec<Expr>) -> Vec<Expr> {
        let mut joined: Vec<Expr> = vec![];
        for term in terms {
            let contrary = |other: &Expr| match (other, &term) {
                (Expr::If(a, _), Expr::If(b, _)) => {
                    a[2] == Expr::Real(0.0)
                        && b[2] == Expr::Real(0.0)
                        && (self.negated(&a[0]) == b[0] || self.negated(&b[0]) == a[0])
                }
                _ => false,
            };
            let partner = joined.iter().position(contrary);
            match (partner.map(|at| joined[at].clone()), &term) {
                (Some(Expr::If(a, place)), Expr::If(b, _)) => {
                    // The one that is written with fewer signs in front.
                    let [(condition, yes), (_, no)] = if matches!(a[0], Expr::Not(_)) {
                        [(&b[0], &b[1]), (&a[0], &a[1])]
                    } else {
                        [(&a[0], &a[1]), (&b[0], &b[1])]
                    };
                    joined[partner.unwrap_or_default()] =
                        Expr::If(Box::new([condition.clone(), yes.clone(), no.clone()]), place);
                }
                _ => joined.push(term),
            }
        }
        joined
    }

    /// The contrary of a condition. Of integers, `!(a < b)` is `b <= a`; of real numbers it is not, for one may be no number.
    fn negated(&self, condition: &Expr) -> Expr {
        let not = || Expr::Not(Box::new(condition.clone()));
        match condition {
            Expr::Not(one) => (**one).clone(),
            Expr::Compare(comparison, both) => {
                let integers = both.iter().all(|one| self.layer.type_of(one) == Type::Int);
                let [a, b] = &**both;
                match comparison {
                    Comparison::Equal => Expr::Compare(Comparison::NotEqual, both.clone()),
                    Comparison::NotEqual => Expr::Compare(Comparison::Equal, both.clone()),
                    Comparison::Less if integers => {
                        Expr::Compare(Comparison::LessEqual, Box::new([b.clone(), a.clone()]))
                    }
                    Comparison::LessEqual if integers => {
                        Expr::Compare(Comparison::Less, Box::new([b.clone(), a.clone()]))
                    }
                    _ => not(),
                }
            }
            _ => not(),
        }
    }

    /// Whether a condition says no more than that an index stays in its own extent, or in one that is at least as long.
    fn always(&self, condition: &Expr) -> bool {
        let Expr::Compare(Comparison::Less, both) = condition else { return false };
        let (Expr::Index(index), Expr::Len(len)) = (&both[0], &both[1]) else { return false };
        let spelled = |index| Polynomial::of(self.layer, &self.spelled(&Expr::Len(index)));
        spelled(*len).plus(&spelled(*index), -1).is_a_sum_of_extents()
    }

    /// The position that is read when a position may leave the range.
    fn inside(&self, position: &Expr, index: IndexId, outside: Option<&Outside>) -> Expr {
        let len = Expr::Len(self.layer.origin(index));
        let last = call("sub", vec![len.clone(), Expr::Int(1)]);
        match outside {
            None | Some(Outside::Value(_)) => position.clone(),
            Some(Outside::Nearest) => call("min", vec![call("max", vec![position.clone(), Expr::Int(0)]), last]),
            Some(Outside::Wrap) => call("rem", vec![position.clone(), len]),
            Some(Outside::Reflect) => {
                // Folded into one period of twice the length less the edges; a single element is its own mirror.
                let period = call("max", vec![call("mul", vec![Expr::Int(2), last]), Expr::Int(1)]);
                let folded = call("rem", vec![position.clone(), period.clone()]);
                call("min", vec![folded.clone(), call("sub", vec![period, folded])])
            }
        }
    }

    fn same_extent(&self, a: IndexId, b: IndexId) -> bool {
        let len = |index| Polynomial::of(self.layer, &self.spelled(&Expr::Len(self.layer.origin(index))));
        len(a).plus(&len(b), -1).is_zero()
    }

    /// Extents given by formulas, written out.
    fn spelled(&self, expr: &Expr) -> Expr {
        match expr {
            Expr::Len(index) => match &self.layer.index(self.layer.origin(*index)).extent {
                Extent::Given(formula) => self.spelled(formula),
                _ => Expr::Len(self.layer.origin(*index)),
            },
            other => other.map(&mut |child| self.spelled(child)),
        }
    }
}
