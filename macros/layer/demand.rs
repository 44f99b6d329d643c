//! What nobody needs is not computed: the conditions under which a tensor is read become the guard of its definition, as far
//! as they can be said in the tensor's own indices.

use super::ir::{Definition, Expr, IndexId, Layer, Rate, Role, TensorId, Value};

/// The positions and conditions of one read.
struct Use {
    positions: Vec<Expr>,
    conditions: Vec<Expr>,
}

pub(crate) fn demand(layer: &mut Layer) {
    for at in (0..layer.definitions.len()).rev() {
        let tensor = layer.definitions[at].tensor;
        if !matches!(layer.tensor(tensor).role, Role::Let | Role::Draw) {
            continue;
        }
        let mut uses = vec![];
        for consumer in &layer.definitions[at + 1..] {
            consumers(consumer, tensor, &mut uses);
        }
        let earlier: Vec<TensorId> = layer.definitions[..at].iter().map(|d| d.tensor).collect();
        let guards: Vec<Vec<Expr>> = uses.iter().map(|one| translate(layer, tensor, one, &earlier)).collect();
        let Some((first, others)) = guards.split_first() else { continue };
        let mut guard: Vec<Expr> = vec![];
        for condition in first {
            if others.iter().all(|other| other.contains(condition)) && !guard.contains(condition) {
                guard.push(condition.clone());
            }
        }
        if let Some(either) = either(&guards, &guard) {
            guard.push(either);
        }
        layer.definitions[at].guard = guard;
    }
}

/// Whether nobody reads a tensor but where its guard holds. (What a guard asks of samples, lane by lane, is not looked at.)
pub(crate) fn stays_inside(layer: &Layer, tensor: TensorId, guard: &[Expr], readers: &[Definition]) -> bool {
    let mut uses = vec![];
    for reader in readers {
        consumers(reader, tensor, &mut uses);
    }
    let holds = |one: &Use| {
        let known = translate(layer, tensor, one, &[]);
        guard.iter().all(|condition| layer.rate_of(condition) != Rate::Sample && known.contains(condition))
    };
    uses.iter().all(holds)
}

/// That one of the uses asks for it, where each has conditions of its own beside the `common` ones.
fn either(guards: &[Vec<Expr>], common: &[Expr]) -> Option<Expr> {
    let mut ways: Vec<Expr> = vec![];
    for guard in guards {
        let own = guard.iter().filter(|c| !common.contains(c)).cloned().reduce(|a, b| Expr::And(Box::new([a, b])))?;
        if !ways.contains(&own) {
            ways.push(own);
        }
    }
    // A condition and its contrary leave nothing out.
    let contrary = |a: &Expr| matches!(a, Expr::Not(one) if ways.contains(one));
    if ways.iter().any(contrary) {
        return None;
    }
    ways.into_iter().reduce(|a, b| Expr::Or(Box::new([a, b])))
}

fn consumers(consumer: &Definition, tensor: TensorId, uses: &mut Vec<Use>) {
    let mut conditions = consumer.guard.clone();
    match &consumer.value {
        Value::Formula(value) => walk(value, tensor, &mut conditions, uses),
        Value::Draw(_, arguments) => arguments.iter().for_each(|a| walk(a, tensor, &mut conditions, uses)),
    }
    // A guard reads under the guards before it.
    for (at, condition) in consumer.guard.iter().enumerate() {
        walk(condition, tensor, &mut consumer.guard[..at].to_vec(), uses);
    }
}

fn walk(expr: &Expr, tensor: TensorId, conditions: &mut Vec<Expr>, uses: &mut Vec<Use>) {
    match expr {
        Expr::Read(read, positions, _) => {
            if *read == tensor {
                uses.push(Use { positions: positions.clone(), conditions: conditions.clone() });
            }
            positions.iter().for_each(|p| walk(p, tensor, conditions, uses));
        }
        Expr::If(three, _) => {
            walk(&three[0], tensor, conditions, uses);
            let before = conditions.len();
            conjuncts(&three[0], conditions);
            walk(&three[1], tensor, conditions, uses);
            conditions.truncate(before);
            conditions.push(Expr::Not(Box::new(three[0].clone())));
            walk(&three[2], tensor, conditions, uses);
            conditions.truncate(before);
        }
        Expr::Reduce(reduce) => {
            let before = conditions.len();
            for condition in &reduce.conditions {
                walk(condition, tensor, conditions, uses);
                conjuncts(condition, conditions);
            }
            walk(&reduce.body, tensor, conditions, uses);
            conditions.truncate(before);
        }
        _ => expr.children().into_iter().for_each(|child| walk(child, tensor, conditions, uses)),
    }
}

pub(crate) fn conjuncts(condition: &Expr, all: &mut Vec<Expr>) {
    match condition {
        Expr::And(both) => both.iter().for_each(|one| conjuncts(one, all)),
        other => all.push(other.clone()),
    }
}

/// The conditions of a read in the indices of the tensor that is read; what cannot be said so is left out.
fn translate(layer: &Layer, tensor: TensorId, one: &Use, earlier: &[TensorId]) -> Vec<Expr> {
    let own = layer.tensor(tensor).indices();
    let mut renamed: Vec<(IndexId, IndexId)> = vec![];
    for (position, index) in one.positions.iter().zip(&own) {
        if let Expr::Index(from) = position
            && !renamed.iter().any(|(known, _)| known == from)
        {
            renamed.push((*from, *index));
        }
    }
    let rate = layer.tensor(tensor).rate;
    let sayable = |condition: &Expr| {
        let readable = |read: &TensorId| {
            earlier.contains(read) || !matches!(layer.tensor(*read).role, Role::Let | Role::Draw | Role::Output)
        };
        condition.free_indices().iter().all(|index| renamed.iter().any(|(from, _)| from == index))
            && !condition
                .any(&mut |e| matches!(e, Expr::Read(read, ..) if !readable(read)) || matches!(e, Expr::Reduce(_)))
            && (layer.rate_of(condition) <= rate && rate != Rate::Once || layer.rate_of(condition) == Rate::Once)
    };
    let rename = |index: IndexId| renamed.iter().find(|(from, _)| *from == index).map(|(_, to)| Expr::Index(*to));
    one.conditions
        .iter()
        .filter(|condition| sayable(condition))
        .map(|condition| condition.substitute(&rename))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::lower::{Step, lower};
    use super::super::tests::derived;

    /// A gradient begins with zeros where it is scattered to; not where nobody reads more of it than is stored.
    #[test]
    fn gradients_are_cleared_where_they_are_scattered_to_alone() {
        let table = [
            ("input x[i]; let a[i] = exp(x[i]); output y[i] = if i > 2 { a[i] * a[i] } else { 0 };", 0),
            ("input x[i]; let a[i] = exp(x[i]); output y[i] = if x[i] > 2 { a[i] * a[i] } else { 0 };", 0),
            ("input x[i]; let a[i] = exp(x[i]); output y[i] = sum(j: i where j <= i) a[j] * a[i];", 0),
            ("input x[i]; input at[k] of i; let a[i] = exp(x[i]); output y[k] = a[at[k]];", 1),
        ];
        for (text, cleared) in table {
            let (layer, _, backward) = derived("", text);
            let steps = lower(&layer, &backward).backward;
            let found = steps.iter().filter(|needed| matches!(needed.step, Step::Clear(_))).count();
            assert_eq!(found, cleared, "{text}");
        }
    }
}
