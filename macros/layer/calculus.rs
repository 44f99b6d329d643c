//! Formulas as they stand on paper: `Copy` handles whose operators build expressions, for the table of primitives.

use std::cell::RefCell;
use std::ops::{Add, Div, Mul, Neg, Sub};

use proc_macro2::Span;

use super::ir::{Comparison, Expr, Place};
use super::primitives::primitive;

/// Where the formulas of one rule are kept.
#[derive(Default)]
pub(crate) struct Paper {
    lines: RefCell<Vec<Expr>>,
}

/// A formula on a [`Paper`].
#[derive(Clone, Copy)]
pub(crate) struct Term<'a> {
    paper: &'a Paper,
    line: usize,
}

impl Paper {
    pub(crate) fn write(&self, expr: Expr) -> Term<'_> {
        let mut lines = self.lines.borrow_mut();
        lines.push(expr);
        Term { paper: self, line: lines.len() - 1 }
    }
}

pub(crate) fn call(name: &str, arguments: Vec<Expr>) -> Expr {
    let primitive = primitive(name).expect("the macros call primitives of the table");
    Expr::Call(primitive, arguments, Place(Span::call_site()))
}

impl<'a> Term<'a> {
    pub(crate) fn expr(self) -> Expr {
        self.paper.lines.borrow()[self.line].clone()
    }

    fn apply(self, name: &str, others: &[Term<'a>]) -> Term<'a> {
        let arguments = [self].iter().chain(others).map(|term| term.expr()).collect();
        self.paper.write(call(name, arguments))
    }

    pub(crate) fn number(self, number: f64) -> Term<'a> {
        self.paper.write(Expr::Real(number))
    }

    pub(crate) fn exp(self) -> Term<'a> {
        self.apply("exp", &[])
    }
    pub(crate) fn ln(self) -> Term<'a> {
        self.apply("ln", &[])
    }
    pub(crate) fn sqrt(self) -> Term<'a> {
        self.apply("sqrt", &[])
    }
    pub(crate) fn square(self) -> Term<'a> {
        self.apply("square", &[])
    }
    pub(crate) fn sin(self) -> Term<'a> {
        self.apply("sin", &[])
    }
    pub(crate) fn cos(self) -> Term<'a> {
        self.apply("cos", &[])
    }
    pub(crate) fn sinh(self) -> Term<'a> {
        self.apply("sinh", &[])
    }
    pub(crate) fn cosh(self) -> Term<'a> {
        self.apply("cosh", &[])
    }
    pub(crate) fn sigmoid(self) -> Term<'a> {
        self.apply("sigmoid", &[])
    }
    pub(crate) fn sign(self) -> Term<'a> {
        self.apply("sign", &[])
    }
    pub(crate) fn powf(self, other: Term<'a>) -> Term<'a> {
        self.apply("powf", &[other])
    }
    pub(crate) fn powi(self, other: Term<'a>) -> Term<'a> {
        self.apply("powi", &[other])
    }
    /// One less, for an integer.
    pub(crate) fn less_one(self) -> Term<'a> {
        let one = self.paper.write(Expr::Int(1));
        self.apply("sub", &[one])
    }

    pub(crate) fn is(self, comparison: Comparison, other: Term<'a>) -> Term<'a> {
        self.paper.write(Expr::Compare(comparison, Box::new([self.expr(), other.expr()])))
    }
    /// `if self { yes } else { no }`
    pub(crate) fn choose(self, yes: Term<'a>, no: Term<'a>) -> Term<'a> {
        self.paper.write(Expr::If(Box::new([self.expr(), yes.expr(), no.expr()]), Place(Span::call_site())))
    }
}

impl<'a> Add for Term<'a> {
    type Output = Term<'a>;
    fn add(self, other: Term<'a>) -> Term<'a> {
        self.apply("add", &[other])
    }
}
impl<'a> Sub for Term<'a> {
    type Output = Term<'a>;
    fn sub(self, other: Term<'a>) -> Term<'a> {
        self.apply("sub", &[other])
    }
}
impl<'a> Mul for Term<'a> {
    type Output = Term<'a>;
    fn mul(self, other: Term<'a>) -> Term<'a> {
        self.apply("mul", &[other])
    }
}
impl<'a> Div for Term<'a> {
    type Output = Term<'a>;
    fn div(self, other: Term<'a>) -> Term<'a> {
        self.apply("div", &[other])
    }
}
impl<'a> Neg for Term<'a> {
    type Output = Term<'a>;
    fn neg(self) -> Term<'a> {
        self.apply("neg", &[])
    }
}
impl<'a> Mul<Term<'a>> for f64 {
    type Output = Term<'a>;
    fn mul(self, other: Term<'a>) -> Term<'a> {
        other.number(self) * other
    }
}
impl<'a> Sub<Term<'a>> for f64 {
    type Output = Term<'a>;
    fn sub(self, other: Term<'a>) -> Term<'a> {
        other.number(self) - other
    }
}
impl<'a> Add<Term<'a>> for f64 {
    type Output = Term<'a>;
    fn add(self, other: Term<'a>) -> Term<'a> {
        other.number(self) + other
    }
}
