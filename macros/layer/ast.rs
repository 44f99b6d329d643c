//! What stands in `#[layer { … }]`, as it was written. The grammar is section 1 of the language's page.

use proc_macro2::{Ident, Span};

#[cfg(test)]
pub(crate) mod print;

/// The struct's fields: the hyperparameters.
pub(crate) struct Field {
    pub(crate) name: Ident,
    pub(crate) kind: FieldKind,
    /// The type as written, for constructors.
    pub(crate) ty: syn::Type,
    /// `#[default(VALUE)]`: the value as written.
    pub(crate) default: Option<syn::Expr>,
    pub(crate) docs: Vec<syn::Attribute>,
    /// A const parameter of the struct rather than a field: code reads it by its name alone, and no constructor takes it.
    pub(crate) generic: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FieldKind {
    /// `usize`, `u8` … `i64`.
    Integer,
    /// `f32`, `f64`.
    Real,
    /// `bool`.
    Bool,
    /// An array of one of them: `[usize; 2]`. The length is a const expression of rustc's.
    IntegerArray,
    RealArray,
    BoolArray,
}

pub(crate) struct LayerText {
    pub(crate) statements: Vec<Statement>,
    /// What statements that could not be read were to define: known names, about which no more is known.
    pub(crate) broken: Vec<Ident>,
    /// Whether there are such statements of which not even the name could be read.
    pub(crate) nameless: bool,
}

pub(crate) enum Statement {
    /// `input NAME[indices] [of N] [outside …];`
    Input(Declaration),
    /// `target NAME[indices] [of N];`
    Target(Declaration),
    /// `param NAME[indices] [if FIELD [else VALUE]] = INITIALISER [as "name"];`
    Param {
        declaration: Declaration,
        condition: Option<Expr>,
        otherwise: Option<Expr>,
        initialiser: Initialiser,
        checkpoint: Option<syn::LitStr>,
    },
    /// `state NAME[indices] = VALUE;`
    State {
        declaration: Declaration,
        #[cfg_attr(not(test), expect(dead_code, reason = "read once state is built"))]
        value: Expr,
    },
    /// `let NAME[indices] [of N] [outside …] = EXPRESSION;`
    Let { declaration: Declaration, value: Expr },
    /// `let NAME[indices] ~ DISTRIBUTION;`
    Draw { declaration: Declaration, distribution: Ident, arguments: Vec<Expr> },
    /// `output NAME[indices] [of N] [outside …] = EXPRESSION;`
    Output { declaration: Declaration, value: Expr },
    /// `update STATE[indices] = EXPRESSION;`
    Update { declaration: Declaration, value: Expr },
    /// `require CONDITION, "message";`
    Require { condition: Expr, message: syn::LitStr },
}

/// The left side of a statement.
#[derive(Debug)]
pub(crate) struct Declaration {
    pub(crate) name: Ident,
    pub(crate) axes: Vec<Axis>,
    pub(crate) of: Option<Expr>,
    pub(crate) outside: Option<Outside>,
}

/// An axis of a declaration, or a binding of a reduction.
#[derive(Clone, Debug)]
pub(crate) enum Axis {
    /// `i` or `i: extent`
    Index { name: Ident, extent: Option<Expr> },
    /// `(g: groups, c)`; may nest.
    Fused { parts: Vec<Axis> },
    /// `..`, `..name`, `..name: rank`
    Rest { name: Option<Ident>, rank: Option<Expr>, span: Span },
}

#[derive(Debug)]
pub(crate) enum Outside {
    /// A constant formula of numbers and fields, such as `0` or `-inf`.
    Value(Expr),
    Nearest,
    Reflect,
    Wrap,
}

/// `KaimingUniform`, `Normal(0.02)`.
#[derive(Debug)]
pub(crate) struct Initialiser {
    pub(crate) name: Ident,
    pub(crate) arguments: Vec<Expr>,
}

#[derive(Clone, Debug)]
pub(crate) struct Expr {
    pub(crate) kind: ExprKind,
    /// The token to point at: of an operation its operator or name, of a literal or name itself.
    pub(crate) span: Span,
}

impl Expr {
    /// All direct parts, conditions and positions included.
    pub(crate) fn parts(&self) -> Vec<&Expr> {
        match &self.kind {
            ExprKind::Integer(_) | ExprKind::Real(_) | ExprKind::Bool(_) | ExprKind::Name(_) | ExprKind::Len { .. } => {
                vec![]
            }
            ExprKind::Read { positions, .. } => positions.iter().flat_map(Position::parts).collect(),
            ExprKind::Call { arguments, .. } => arguments.iter().collect(),
            ExprKind::Negate(one) | ExprKind::Not(one) => vec![one],
            ExprKind::Binary { left, right, .. } => vec![left, right],
            ExprKind::If { condition, then, otherwise } => {
                [Some(condition), Some(then), otherwise.as_ref()].into_iter().flatten().map(|part| &**part).collect()
            }
            ExprKind::Reduce { conditions, body, .. } => conditions.iter().chain([&**body]).collect(),
        }
    }
}

impl Position {
    fn parts(&self) -> Vec<&Expr> {
        match self {
            Position::At(expr) => vec![expr],
            Position::Fused { parts, .. } => parts.iter().flat_map(Position::parts).collect(),
            Position::Rest { .. } => vec![],
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) enum ExprKind {
    /// `3`, `0.5`, `1e-5`
    Integer(i64),
    Real(f64),
    /// `true`, `false`
    Bool(bool),
    /// `inf`, `pi`, `training` are names as well; the builder knows them.
    Name(Ident),
    /// `x[…]`: a tensor, or an array field.
    Read {
        name: Ident,
        positions: Vec<Position>,
    },
    /// `exp(x)`, `max(a, b)`, `stop(e)`, `straight_through(f, s)`
    Call {
        name: Ident,
        arguments: Vec<Expr>,
    },
    /// `len(i, …)`: `len(i)`, `len(batch, ..)`
    Len {
        indices: Vec<Axis>,
    },
    Negate(Box<Expr>),
    Not(Box<Expr>),
    Binary {
        operator: Operator,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    /// `if c { a } else { b }`; `otherwise` is `None` when the `else` is missing (refused later, at the `if`).
    If {
        condition: Box<Expr>,
        then: Box<Expr>,
        otherwise: Option<Box<Expr>>,
    },
    /// `sum(i, j: 3, .. where C, D) body`. Names as written: `sum mean max min prod argmax argmin norm`, or any other (refused later).
    Reduce {
        name: Ident,
        bindings: Vec<Axis>,
        conditions: Vec<Expr>,
        body: Box<Expr>,
    },
}

#[derive(Clone, Debug)]
pub(crate) enum Position {
    /// An integer expression.
    At(Expr),
    /// `(g, c)` as one axis; may nest.
    Fused { parts: Vec<Position>, span: Span },
    /// `..`, `..name`
    Rest { name: Option<Ident>, span: Span },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
    NotEqual,
    And,
    Or,
}
