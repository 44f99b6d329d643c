//! Every part of a definition together with the conditions under which it is computed.

use super::super::demand::conjuncts;
use super::super::ir::{Definition, Expr, Value};

/// A part of a definition, and the conditions in force where it stands.
pub(in crate::layer) type Visitor<'a, 'e> = dyn FnMut(&'e Expr, &[Expr]) + 'a;

/// Visits the guard, then the value or the distribution's arguments. A guard's conditions hold one after the other.
pub(in crate::layer) fn definition<'e>(definition: &'e Definition, visit: &mut Visitor<'_, 'e>) {
    let mut conditions = vec![];
    for condition in &definition.guard {
        under(condition, &mut conditions, visit);
        conjuncts(condition, &mut conditions);
    }
    match &definition.value {
        Value::Formula(value) => under(value, &mut conditions, visit),
        Value::Draw(_, arguments) => arguments.iter().for_each(|argument| under(argument, &mut conditions, visit)),
    }
}

fn under<'e>(expr: &'e Expr, conditions: &mut Vec<Expr>, visit: &mut Visitor<'_, 'e>) {
    visit(expr, conditions);
    let before = conditions.len();
    match expr {
        Expr::If(three, _) => {
            under(&three[0], conditions, visit);
            conjuncts(&three[0], conditions);
            under(&three[1], conditions, visit);
            conditions.truncate(before);
            conditions.push(Expr::Not(Box::new(three[0].clone())));
            under(&three[2], conditions, visit);
        }
        // What stands on the right is looked at only where the left side has not decided.
        Expr::And(both) => {
            under(&both[0], conditions, visit);
            conjuncts(&both[0], conditions);
            under(&both[1], conditions, visit);
        }
        Expr::Or(both) => {
            under(&both[0], conditions, visit);
            conditions.push(Expr::Not(Box::new(both[0].clone())));
            under(&both[1], conditions, visit);
        }
        Expr::Reduce(reduce) => {
            for condition in &reduce.conditions {
                under(condition, conditions, visit);
                conjuncts(condition, conditions);
            }
            under(&reduce.body, conditions, visit);
        }
        _ => expr.children().into_iter().for_each(|child| under(child, conditions, visit)),
    }
    conditions.truncate(before);
}

/// Whether the conditions can hold in training only.
pub(super) fn training(conditions: &[Expr]) -> bool {
    conditions.iter().any(|condition| implies_training(condition, true))
}

fn implies_training(condition: &Expr, holds: bool) -> bool {
    match (condition, holds) {
        (Expr::Training, _) => holds,
        (Expr::Not(one), _) => implies_training(one, !holds),
        (Expr::And(both), true) | (Expr::Or(both), false) => both.iter().any(|one| implies_training(one, holds)),
        (Expr::And(both), false) | (Expr::Or(both), true) => both.iter().all(|one| implies_training(one, holds)),
        (Expr::Bool(value), _) => *value != holds,
        _ => false,
    }
}
