//! Expressions as Rust: in scalar code a value is an element, in lane code one number for all samples or sixteen lanes.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote};

use super::super::ir::{Comparison, Expr, IndexId, Layer, TensorId, Type};
use super::constant::{Constants, comparison_sign, number};
use super::names::Names;

/// What an emitted expression is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `i64`
    Int,
    /// `bool`
    Bool,
    /// An element that all samples share.
    Scalar,
    /// Sixteen lanes; integers too.
    Lanes,
    /// An answer for each lane.
    Mask,
}

#[derive(Clone, Debug)]
pub(super) struct Code {
    pub tokens: TokenStream,
    pub form: Form,
}

/// Writes the body of one function.
pub(super) struct Writer<'a> {
    pub layer: &'a Layer,
    pub names: &'a Names,
    pub constants: Constants<'a>,
    /// The index whose positions stand in the lanes where a tile holds one sample: see `lower::along`.
    pub along: Option<IndexId>,
    /// Whether something is done with the cut target's elements in passing.
    pub in_passing: bool,
    /// Tensors whose element at hand has a name: see `renew`.
    pub at_hand: Vec<(TensorId, Ident)>,
    /// Statements of the open blocks, innermost last.
    blocks: Vec<Block>,
    count: usize,
}

#[derive(Default)]
struct Block {
    statements: TokenStream,
    /// What has a name already.
    known: Vec<(Expr, Code)>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(layer: &'a Layer, names: &'a Names) -> Writer<'a> {
        let constants = Constants { layer, names, sizes: quote!() };
        Writer {
            layer,
            names,
            constants,
            along: None,
            in_passing: false,
            at_hand: vec![],
            blocks: vec![Block::default()],
            count: 0,
        }
    }

    pub(super) fn say(&mut self, statement: TokenStream) {
        if let Some(block) = self.blocks.last_mut() {
            block.statements.extend(statement);
        }
    }

    pub(super) fn finish(mut self) -> TokenStream {
        self.blocks.pop().map(|block| block.statements).unwrap_or_default()
    }

    /// The statements that `body` says, as a block's inside.
    pub(super) fn block(&mut self, body: impl FnOnce(&mut Self)) -> TokenStream {
        self.blocks.push(Block::default());
        body(self);
        self.blocks.pop().map(|block| block.statements).unwrap_or_default()
    }

    pub(super) fn fresh(&mut self, word: &str) -> Ident {
        self.count += 1;
        format_ident!("{word}_{}", self.count, span = Span::mixed_site())
    }

    // Forms

    pub(super) fn to_scalar(&self, code: Code) -> TokenStream {
        let tokens = code.tokens;
        match code.form {
            Form::Int => quote!(_words::real::<Elem>(#tokens)),
            _ => tokens,
        }
    }

    pub(super) fn to_lanes(&self, code: Code) -> TokenStream {
        match code.form {
            Form::Lanes => code.tokens,
            _ => {
                let scalar = self.to_scalar(code);
                quote!(_words::splat(simd_now, #scalar))
            }
        }
    }

    pub(super) fn to_mask(&self, code: Code) -> TokenStream {
        let tokens = code.tokens;
        match code.form {
            Form::Mask => tokens,
            _ => quote!(_words::mask::<Isa, Elem>(simd_now, #tokens)),
        }
    }

    /// All in one form: lanes if any is, else elements, else integers.
    pub(super) fn alike(&self, codes: Vec<Code>, integers: bool) -> (Vec<TokenStream>, Form) {
        let form = if codes.iter().any(|c| c.form == Form::Lanes) {
            Form::Lanes
        } else if integers && codes.iter().all(|c| c.form == Form::Int) {
            Form::Int
        } else {
            Form::Scalar
        };
        let tokens = codes
            .into_iter()
            .map(|code| match form {
                Form::Lanes => self.to_lanes(code),
                Form::Int => code.tokens,
                _ => self.to_scalar(code),
            })
            .collect();
        (tokens, form)
    }

    // Expressions

    pub(super) fn expr(&mut self, expr: &Expr) -> Code {
        let worth_a_name = match expr {
            Expr::Reduce(_) => true,
            Expr::Call(primitive, ..) => ![
                "add",
                "sub",
                "mul",
                "neg",
                "div",
                "floor_div",
                "rem",
                "min",
                "max",
                "abs",
                "ceil_div",
                "floor",
                "sign",
                "square",
            ]
            .contains(&primitive.name()),
            _ => false,
        };
        if !worth_a_name {
            return self.plain(expr);
        }
        if let Some((_, code)) = self.blocks.iter().flat_map(|block| &block.known).find(|(known, _)| known == expr) {
            return code.clone();
        }
        let code = self.plain(expr);
        let code = if let Expr::Call(primitive, ..) = expr {
            let name = self.fresh(primitive.name());
            let tokens = code.tokens;
            self.say(quote!(let #name = #tokens;));
            Code { tokens: quote!(#name), form: code.form }
        } else {
            code
        };
        if let Some(block) = self.blocks.last_mut() {
            block.known.push((expr.clone(), code.clone()));
        }
        code
    }

    fn plain(&mut self, expr: &Expr) -> Code {
        let code = |tokens, form| Code { tokens, form };
        match expr {
            Expr::Int(value) => code(integer(*value), Form::Int),
            Expr::Real(value) => {
                let value = number(*value);
                code(quote!(_words::number::<Elem>(#value)), Form::Scalar)
            }
            Expr::Bool(value) => code(quote!(#value), Form::Bool),
            Expr::Index(index) => {
                let name = self.names.at(*index);
                code(quote!(#name), Form::Int)
            }
            Expr::Len(index) => code(self.constants.len(*index), Form::Int),
            Expr::Field(_) | Expr::Element(..) => self.field(expr),
            Expr::Training => code(quote!(training_now), Form::Bool),
            Expr::Read(tensor, positions, _) => self.read(*tensor, positions),
            Expr::Call(primitive, arguments, _) => {
                let codes: Vec<Code> = arguments.iter().map(|a| self.expr(a)).collect();
                self.call(primitive.name(), codes)
            }
            Expr::Compare(comparison, both) => {
                let codes = vec![self.side(&both[0]), self.side(&both[1])];
                let (sides, form) = self.alike(codes, true);
                let (a, b) = (&sides[0], &sides[1]);
                if form == Form::Lanes {
                    let word = match comparison {
                        Comparison::Less => quote!(less),
                        Comparison::LessEqual => quote!(less_equal),
                        Comparison::Equal => quote!(equal),
                        Comparison::NotEqual => quote!(not_equal),
                    };
                    return code(quote!(_words::#word(#a, #b)), Form::Mask);
                }
                let sign = comparison_sign(*comparison);
                code(quote!((#a #sign #b)), Form::Bool)
            }
            Expr::And(both) => self.junction(both, &quote!(&&), &quote!(&)),
            Expr::Or(both) => self.junction(both, &quote!(||), &quote!(|)),
            Expr::Not(one) => {
                let one = self.expr(one);
                let tokens = one.tokens;
                code(quote!((!#tokens)), one.form)
            }
            Expr::If(three, _) => self.choose(three),
            Expr::Reduce(reduce) => self.reduce(reduce),
            Expr::Stop(one, _) => self.expr(one),
            Expr::StraightThrough(both) => self.expr(&both[0]),
        }
    }

    /// A side of a comparison: the positions in the lanes, or an expression.
    fn side(&mut self, expr: &Expr) -> Code {
        match expr {
            Expr::Index(index) if self.along == Some(*index) => {
                let at = self.names.at(*index);
                Code { tokens: quote!(_words::positions::<Isa, Cells>(simd_now, #at)), form: Form::Lanes }
            }
            _ => self.expr(expr),
        }
    }

    fn field(&mut self, expr: &Expr) -> Code {
        let tokens = match expr {
            Expr::Field(field) => self.constants.field(*field),
            Expr::Element(field, at) => {
                let at = self.expr(at).tokens;
                let field = self.constants.field(*field);
                quote!(#field[(#at) as ::core::primitive::usize])
            }
            _ => quote!(),
        };
        match self.layer.type_of(expr) {
            Type::Int => Code { tokens: quote!((#tokens as ::core::primitive::i64)), form: Form::Int },
            Type::Real => {
                Code { tokens: quote!(_words::number::<Elem>(#tokens as ::core::primitive::f64)), form: Form::Scalar }
            }
            Type::Bool => Code { tokens, form: Form::Bool },
        }
    }

    fn junction(&mut self, both: &[Expr; 2], scalar: &TokenStream, lanes: &TokenStream) -> Code {
        let (a, b) = (self.expr(&both[0]), self.expr(&both[1]));
        if a.form == Form::Mask || b.form == Form::Mask {
            let (a, b) = (self.to_mask(a), self.to_mask(b));
            return Code { tokens: quote!((#a #lanes #b)), form: Form::Mask };
        }
        let (a, b) = (a.tokens, b.tokens);
        Code { tokens: quote!((#a #scalar #b)), form: Form::Bool }
    }

    fn call(&mut self, name: &str, codes: Vec<Code>) -> Code {
        if name == "powi" {
            let [x, n] = <[Code; 2]>::try_from(codes).unwrap_or_else(|_| unreachable!("the table says two arguments"));
            let form = if x.form == Form::Lanes || n.form == Form::Lanes { Form::Lanes } else { Form::Scalar };
            if n.form != Form::Int {
                let (sides, form) = self.alike(vec![x, n], false);
                return Code { tokens: quote!(_words::powf(#(#sides),*)), form };
            }
            let (n, x) = (n.tokens, if form == Form::Lanes { self.to_lanes(x) } else { self.to_scalar(x) });
            return Code { tokens: quote!(_words::powi(#x, #n)), form };
        }
        let stays = [
            "add",
            "sub",
            "mul",
            "neg",
            "floor_div",
            "ceil_div",
            "rem",
            "min",
            "max",
            "abs",
            "square",
            "floor",
            "ceil",
            "round",
            "trunc",
            "sign",
        ]
        .contains(&name);
        let (sides, form) = self.alike(codes, stays);
        let (a, b) = (&sides[0], sides.get(1));
        let tokens = match (name, form) {
            ("add", _) => quote!((#a + #b)),
            ("sub", _) => quote!((#a - #b)),
            ("mul", _) => quote!((#a * #b)),
            ("neg", _) => quote!((-#a)),
            ("div", _) => quote!((#a / #b)),
            ("floor_div", Form::Int) => quote!(_words::div(#a, #b)),
            ("ceil_div", Form::Int) => quote!(_words::ceil_div(#a, #b)),
            ("rem", Form::Int) => quote!(_words::rem(#a, #b)),
            ("min", Form::Int) => quote!(_words::least(#a, #b)),
            ("max", Form::Int) => quote!(_words::greatest(#a, #b)),
            ("abs", Form::Int) => quote!(_words::magnitude(#a)),
            ("square", Form::Int) => quote!(_words::squared(#a)),
            ("sign", Form::Int) => quote!(_words::sign_of(#a)),
            ("floor" | "ceil" | "round" | "trunc", Form::Int) => a.clone(),
            ("floor" | "ceil" | "round" | "trunc" | "sign", Form::Scalar) => {
                let word = format_ident!("{name}");
                return Code { tokens: quote!(_words::integer(_words::#word(#a))), form: Form::Int };
            }
            ("floor_div", _) => quote!(_words::div_floor(#a, #b)),
            ("ceil_div", _) => quote!((-_words::div_floor(-(#a), #b))),
            ("rem", _) => quote!(_words::rem_floor(#a, #b)),
            _ => {
                let word = format_ident!("{name}");
                quote!(_words::#word(#(#sides),*))
            }
        };
        Code { tokens, form }
    }

    fn choose(&mut self, three: &[Expr; 3]) -> Code {
        let condition = self.expr(&three[0]);
        if condition.form == Form::Mask {
            let codes = vec![self.expr(&three[1]), self.expr(&three[2])];
            let mask = condition.tokens;
            let sides: Vec<TokenStream> = codes.into_iter().map(|c| self.to_lanes(c)).collect();
            return Code { tokens: quote!(_words::select(#mask, #(#sides),*)), form: Form::Lanes };
        }
        // Each branch is a block of its own: what is not taken is not computed.
        let mut branches = vec![];
        for branch in &three[1..] {
            self.blocks.push(Block::default());
            let code = self.expr(branch);
            let statements = self.blocks.pop().map(|block| block.statements).unwrap_or_default();
            branches.push((statements, code));
        }
        let forms: Vec<Form> = branches.iter().map(|(_, code)| code.form).collect();
        let form = if forms.contains(&Form::Lanes) {
            Form::Lanes
        } else if forms == [Form::Int, Form::Int] {
            Form::Int
        } else {
            Form::Scalar
        };
        let mut sides = vec![];
        for (statements, code) in branches {
            let value = match form {
                Form::Lanes => self.to_lanes(code),
                Form::Int => code.tokens,
                _ => self.to_scalar(code),
            };
            sides.push(quote!({ #statements #value }));
        }
        let (condition, a, b) = (condition.tokens, &sides[0], &sides[1]);
        let name = self.fresh("chosen");
        self.say(quote!(let #name = if #condition #a else #b;));
        Code { tokens: quote!(#name), form }
    }
}

/// An integer as Rust writes it.
fn integer(value: i64) -> TokenStream {
    let literal = Literal::i64_unsuffixed(value.saturating_abs());
    if value < 0 { quote!((-#literal)) } else { quote!(#literal) }
}
