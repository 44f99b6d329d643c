//! A syntax tree as text again, every operation in parentheses: for tests of precedence.

use proc_macro2::Ident;

use super::{Axis, Declaration, Expr, ExprKind, LayerText, Operator, Outside, Position, Statement};

pub(crate) fn text(text: &LayerText) -> String {
    text.statements.iter().map(|each| statement(each) + "\n").collect()
}

pub(crate) fn statement(statement: &Statement) -> String {
    match statement {
        Statement::Input(declared) => format!("input {};", declaration(declared)),
        Statement::Target(declared) => format!("target {};", declaration(declared)),
        Statement::Param { declaration: declared, condition, otherwise, initialiser, checkpoint } => {
            let condition = condition.as_ref().map_or_else(String::new, |condition| format!(" if {}", expr(condition)));
            let otherwise =
                otherwise.as_ref().map_or_else(String::new, |otherwise| format!(" else {}", expr(otherwise)));
            let checkpoint = checkpoint.as_ref().map_or_else(String::new, |name| format!(" as {:?}", name.value()));
            let initialiser = applied(&initialiser.name, &initialiser.arguments);
            format!("param {}{condition}{otherwise} = {initialiser}{checkpoint};", declaration(declared))
        }
        Statement::State { declaration: declared, value } => {
            format!("state {} = {};", declaration(declared), expr(value))
        }
        Statement::Let { declaration: declared, value } => format!("let {} = {};", declaration(declared), expr(value)),
        Statement::Draw { declaration: declared, distribution, arguments } => {
            format!("let {} ~ {};", declaration(declared), applied(distribution, arguments))
        }
        Statement::Output { declaration: declared, value } => {
            format!("output {} = {};", declaration(declared), expr(value))
        }
        Statement::Update { declaration: declared, value } => {
            format!("update {} = {};", declaration(declared), expr(value))
        }
        Statement::Require { condition, message } => {
            format!("require {}, {:?};", expr(condition), message.value())
        }
    }
}

fn applied(name: &Ident, arguments: &[Expr]) -> String {
    if arguments.is_empty() { name.to_string() } else { format!("{name}({})", list(arguments, expr)) }
}

fn declaration(declaration: &Declaration) -> String {
    let mut text = declaration.name.to_string();
    if !declaration.axes.is_empty() {
        text += &format!("[{}]", list(&declaration.axes, axis));
    }
    if let Some(of) = &declaration.of {
        text += &format!(" of {}", expr(of));
    }
    match &declaration.outside {
        None => {}
        Some(Outside::Value(value)) => text += &format!(" outside {}", expr(value)),
        Some(Outside::Nearest) => text += " outside nearest",
        Some(Outside::Reflect) => text += " outside reflect",
        Some(Outside::Wrap) => text += " outside wrap",
    }
    text
}

fn list<T>(items: &[T], print: impl Fn(&T) -> String) -> String {
    items.iter().map(print).collect::<Vec<_>>().join(", ")
}

fn axis(axis: &Axis) -> String {
    let after_colon =
        |extent: &Option<Expr>| extent.as_ref().map_or_else(String::new, |extent| format!(": {}", expr(extent)));
    match axis {
        Axis::Index { name, extent } => format!("{name}{}", after_colon(extent)),
        Axis::Fused { parts, .. } => format!("({})", list(parts, self::axis)),
        Axis::Rest { name, rank, .. } => {
            format!("..{}{}", name.as_ref().map_or_else(String::new, Ident::to_string), after_colon(rank))
        }
    }
}

fn position(position: &Position) -> String {
    match position {
        Position::At(at) => expr(at),
        Position::Fused { parts, .. } => format!("({})", list(parts, self::position)),
        Position::Rest { name, .. } => format!("..{}", name.as_ref().map_or_else(String::new, Ident::to_string)),
    }
}

pub(crate) fn expr(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Integer(value) => value.to_string(),
        ExprKind::Real(value) => format!("{value:?}"),
        ExprKind::Bool(value) => value.to_string(),
        ExprKind::Name(name) => name.to_string(),
        ExprKind::Read { name, positions } => format!("{name}[{}]", list(positions, position)),
        ExprKind::Call { name, arguments } => format!("{name}({})", list(arguments, self::expr)),
        ExprKind::Len { indices } => format!("len({})", list(indices, axis)),
        ExprKind::Negate(inner) => format!("(-{})", self::expr(inner)),
        ExprKind::Not(inner) => format!("(!{})", self::expr(inner)),
        ExprKind::Binary { operator, left, right } => {
            format!("({} {} {})", self::expr(left), symbol(*operator), self::expr(right))
        }
        ExprKind::If { condition, then, otherwise } => {
            let otherwise = otherwise
                .as_ref()
                .map_or_else(String::new, |otherwise| format!(" else {{ {} }}", self::expr(otherwise)));
            format!("if {} {{ {} }}{otherwise}", self::expr(condition), self::expr(then))
        }
        ExprKind::Reduce { name, bindings, conditions, body } => {
            let conditions =
                if conditions.is_empty() { String::new() } else { format!(" where {}", list(conditions, self::expr)) };
            format!("({name}({}{conditions}) {})", list(bindings, axis), self::expr(body))
        }
    }
}

fn symbol(operator: Operator) -> &'static str {
    match operator {
        Operator::Add => "+",
        Operator::Subtract => "-",
        Operator::Multiply => "*",
        Operator::Divide => "/",
        Operator::Remainder => "%",
        Operator::Less => "<",
        Operator::LessEqual => "<=",
        Operator::Greater => ">",
        Operator::GreaterEqual => ">=",
        Operator::Equal => "==",
        Operator::NotEqual => "!=",
        Operator::And => "&&",
        Operator::Or => "||",
    }
}
