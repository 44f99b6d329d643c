//! Expressions as Rust: in scalar code a value is an element, in lane code one number for all samples or sixteen lanes.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote};

use super::super::ir::{Comparison, Expr, IndexId, Layer, Outside, Rate, Reduce, Reduction, TensorId, Type};
use super::super::lower::{Loops, plan};
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
        Writer { layer, names, constants, blocks: vec![Block::default()], count: 0 }
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

    /// Gives an expression the value that it has already.
    pub(super) fn know(&mut self, expr: &Expr, code: Code) {
        if let Some(block) = self.blocks.last_mut() {
            block.known.push((expr.clone(), code));
        }
    }

    pub(super) fn times(&mut self, a: Code, b: Code) -> Code {
        self.call("mul", vec![a, b])
    }

    fn fresh(&mut self, word: &str) -> Ident {
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
    fn alike(&self, codes: Vec<Code>, integers: bool) -> (Vec<TokenStream>, Form) {
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
            Expr::Call(primitive, ..) => !["add", "sub", "mul", "neg", "div", "floor_div", "rem", "min", "max", "abs", "ceil_div", "floor", "sign", "square"].contains(&primitive.name()),
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
                let codes = vec![self.expr(&both[0]), self.expr(&both[1])];
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
            Type::Real => Code { tokens: quote!(_words::number::<Elem>(#tokens as ::core::primitive::f64)), form: Form::Scalar },
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
        let stays = ["add", "sub", "mul", "neg", "floor_div", "ceil_div", "rem", "min", "max", "abs", "square", "floor", "ceil", "round", "trunc", "sign"].contains(&name);
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

    // Reads

    fn read(&mut self, tensor: TensorId, positions: &[Expr]) -> Code {
        let declared = self.layer.tensor(tensor);
        let indices = declared.indices();
        let codes: Vec<Code> = positions.iter().map(|p| self.expr(p)).collect();
        let codes: Vec<Code> = codes.into_iter().zip(positions).map(|(code, position)| self.named(code, position)).collect();
        // What may leave the range, unless it is a bare index of that extent.
        let loose: Vec<bool> = positions
            .iter()
            .zip(&indices)
            .map(|(p, index)| !matches!(p, Expr::Index(i) if self.layer.origin(*i) == self.layer.origin(*index)))
            .collect();
        match declared.outside.clone() {
            Some(Outside::Value(value)) if loose.contains(&true) => {
                let value = self.expr(&value);
                self.guarded(tensor, &indices, codes, &loose, value)
            }
            Some(mode) => {
                let folded = codes.into_iter().zip(&indices).zip(&loose).map(|((code, index), loose)| if *loose { self.folded(code, *index, &mode) } else { code }).collect();
                self.element(tensor, &indices, folded)
            }
            None => self.element(tensor, &indices, codes),
        }
    }

    /// A position that is used more than once gets a name.
    fn named(&mut self, code: Code, position: &Expr) -> Code {
        if matches!(position, Expr::Index(_) | Expr::Int(_)) || code.form == Form::Scalar {
            return code;
        }
        let name = self.fresh("position");
        let tokens = code.tokens;
        self.say(quote!(let #name = #tokens;));
        Code { tokens: quote!(#name), form: code.form }
    }

    fn guarded(&mut self, tensor: TensorId, indices: &[IndexId], codes: Vec<Code>, loose: &[bool], value: Code) -> Code {
        let in_lanes = codes.iter().any(|c| c.form == Form::Lanes);
        let mut scalar: Vec<TokenStream> = vec![];
        let mut masks: Vec<TokenStream> = vec![];
        for ((code, index), loose) in codes.iter().zip(indices).zip(loose) {
            let (position, len) = (&code.tokens, self.constants.len(*index));
            match (loose, code.form) {
                (false, _) => {}
                (true, Form::Lanes) => {
                    let zero = quote!(_words::splat(simd_now, _words::number::<Elem>(0.0)));
                    masks.push(quote!((_words::less_equal(#zero, #position) & _words::less(#position, _words::splat(simd_now, _words::real::<Elem>(#len))))));
                }
                _ => scalar.push(quote!((0 <= #position && #position < #len))),
            }
        }
        let inside = self.element(tensor, indices, codes);
        let lanes = in_lanes || self.layer.tensor(tensor).rate == Rate::Sample;
        let (found, other) = if lanes { (self.to_lanes(inside), self.to_lanes(value)) } else { (self.to_scalar(inside), self.to_scalar(value)) };
        let form = if lanes { Form::Lanes } else { Form::Scalar };
        let found = match masks.into_iter().reduce(|a, b| quote!(#a & #b)) {
            Some(mask) => quote!(_words::select(#mask, #found, #other)),
            None => found,
        };
        let tokens = match scalar.into_iter().reduce(|a, b| quote!(#a && #b)) {
            Some(condition) => {
                let name = self.fresh("read");
                self.say(quote!(let #name = if #condition { #found } else { #other };));
                quote!(#name)
            }
            None => found,
        };
        Code { tokens, form }
    }

    /// `nearest`, `wrap`, `reflect`: a position that is always in range.
    pub(super) fn folded(&mut self, code: Code, index: IndexId, mode: &Outside) -> Code {
        let len = self.constants.len(index);
        if code.form == Form::Lanes {
            let at = code.tokens;
            let whole = |value: TokenStream| quote!(_words::splat(simd_now, _words::real::<Elem>(#value)));
            let (zero, last, all) = (whole(quote!(0)), whole(quote!(#len - 1)), whole(len.clone()));
            let tokens = match mode {
                Outside::Nearest => quote!(_words::min(_words::max(#at, #zero), #last)),
                Outside::Wrap => quote!(_words::rem_floor(#at, #all)),
                _ => {
                    let period = self.fresh("period");
                    let folded = self.fresh("folded");
                    let value = whole(quote!(_words::greatest(2 * (#len - 1), 1)));
                    self.say(quote!(let #period = #value; let #folded = _words::rem_floor(#at, #period);));
                    quote!(_words::min(#folded, #period - #folded))
                }
            };
            return Code { tokens, form: Form::Lanes };
        }
        let at = code.tokens;
        let tokens = match mode {
            Outside::Nearest => quote!(_words::nearest(#at, #len)),
            Outside::Wrap => quote!(_words::rem(#at, #len)),
            _ => quote!(_words::reflect(#at, #len)),
        };
        Code { tokens, form: Form::Int }
    }

    /// The element at positions that are in range.
    fn element(&mut self, tensor: TensorId, indices: &[IndexId], codes: Vec<Code>) -> Code {
        let declared = self.layer.tensor(tensor);
        let data = self.names.data(tensor);
        let samples = declared.rate == Rate::Sample;
        if codes.iter().any(|c| c.form == Form::Lanes) {
            let places = self.places(indices, codes);
            let word = if samples { quote!(gather) } else { quote!(gather_shared) };
            return Code { tokens: quote!(_words::#word::<Isa, Elem>(simd_now, #data, #places)), form: Form::Lanes };
        }
        let offset = self.offset(indices, codes);
        if samples {
            return Code { tokens: quote!(_words::load(simd_now, #data, #offset)), form: Form::Lanes };
        }
        let taken = quote!(_words::take(#data, #offset));
        if declared.integer { Code { tokens: quote!(_words::integer(#taken)), form: Form::Int } } else { Code { tokens: taken, form: Form::Scalar } }
    }

    /// Row-major: `((g * C + c) * H + h) * W + w`.
    pub(super) fn offset(&self, indices: &[IndexId], codes: Vec<Code>) -> TokenStream {
        let mut offset: Option<TokenStream> = None;
        for (index, code) in indices.iter().zip(codes) {
            let (position, len) = (code.tokens, self.constants.len(*index));
            offset = Some(match offset {
                None => position,
                Some(before) => quote!((#before) * #len + #position),
            });
        }
        offset.unwrap_or_else(|| quote!(0))
    }

    /// Each lane's own offset.
    pub(super) fn places(&self, indices: &[IndexId], codes: Vec<Code>) -> TokenStream {
        let lens: Vec<TokenStream> = indices.iter().map(|index| self.constants.len(*index)).collect();
        let mut base = quote!(0);
        let mut moves = vec![];
        for (at, code) in codes.into_iter().enumerate() {
            let stride = lens[at + 1..].iter().fold(quote!(1), |stride, len| quote!(#stride * #len));
            let position = code.tokens;
            if code.form == Form::Lanes {
                moves.push((position, stride));
            } else {
                base = quote!(#base + (#position) * (#stride));
            }
        }
        moves.into_iter().fold(quote!(_words::places(#base)), |places, (by, stride)| quote!(_words::moved::<Isa, _>(#places, #by, #stride)))
    }

    // Loops

    /// Opens loops, lets `body` speak inside, closes them.
    pub(super) fn loops(&mut self, loops: &Loops, body: impl FnOnce(&mut Self)) {
        let inside = self.block(|writer| writer.open(&loops.loops, body));
        let before: Vec<Expr> = loops.before.clone();
        self.when(&before, inside);
    }

    fn open(&mut self, loops: &[super::super::lower::Loop], body: impl FnOnce(&mut Self)) {
        use super::super::lower::LoopKind;
        let Some((first, rest)) = loops.split_first() else { return body(self) };
        let inside = self.block(|writer| {
            let inner = writer.block(|writer| writer.open(rest, body));
            writer.when(&first.conditions, inner);
        });
        let (at, len) = (self.names.at(first.index), self.constants.len(first.index));
        match &first.kind {
            LoopKind::Range { lows, highs } => {
                let low = lows.iter().fold(quote!(0), |low, e| {
                    let e = self.expr(e).tokens;
                    quote!(_words::greatest(#low, #e))
                });
                let high = highs.iter().fold(len, |high, e| {
                    let e = self.expr(e).tokens;
                    quote!(_words::least(#high, #e))
                });
                self.say(quote!(for #at in #low..#high { #inside }));
            }
            LoopKind::Solved { factor, numerator } => match factor.as_number() {
                Some(1 | -1) => {
                    let sign = factor.as_number().unwrap_or(1);
                    let value = self.expr(&super::super::linear::Polynomial::default().plus(numerator, sign).expr()).tokens;
                    self.say(quote!(let #at = #value; if 0 <= #at && #at < #len { #inside }));
                }
                _ => {
                    let (factor, numerator) = (self.expr(&factor.expr()).tokens, self.expr(&numerator.expr()).tokens);
                    let whole = self.fresh("whole");
                    self.say(quote! {
                        let #whole = #numerator;
                        let #at = _words::div(#whole, #factor);
                        if #at * #factor == #whole && 0 <= #at && #at < #len { #inside }
                    });
                }
            },
        }
    }

    fn when(&mut self, conditions: &[Expr], inside: TokenStream) {
        if conditions.is_empty() {
            return self.say(inside);
        }
        // One after the other: an earlier condition guards what a later one reads.
        let mut nested = inside;
        for condition in conditions.iter().rev() {
            nested = self.block(|writer| {
                let condition = writer.expr(condition).tokens;
                writer.say(quote!(if #condition { #nested }));
            });
        }
        self.say(nested);
    }

    /// The masks of loops as one.
    pub(super) fn masks(&mut self, masks: &[Expr]) -> Option<TokenStream> {
        let codes: Vec<Code> = masks.iter().map(|m| self.expr(m)).collect();
        codes.into_iter().map(|c| self.to_mask(c)).reduce(|a, b| quote!(#a & #b))
    }

    fn reduce(&mut self, reduce: &Reduce) -> Code {
        // Sorted out by the loops that are open: their indices are what the reduction mentions and does not bind.
        let opened: Vec<IndexId> = Expr::Reduce(Box::new(reduce.clone())).free_indices();
        let loops = plan(self.layer, &reduce.indices, &reduce.conditions, &opened);
        let lanes = self.layer.rate_of(&Expr::Reduce(Box::new(reduce.clone()))) == Rate::Sample;
        let integer = self.layer.type_of(&reduce.body) == Type::Int && !lanes;
        let form = if lanes { Form::Lanes } else if integer { Form::Int } else { Form::Scalar };
        let start = |value: f64, whole: TokenStream| match form {
            Form::Int => whole,
            Form::Scalar => {
                let value = number(value);
                quote!(_words::number::<Elem>(#value))
            }
            _ => {
                let value = number(value);
                quote!(_words::splat(simd_now, _words::number::<Elem>(#value)))
            }
        };
        let (word, neutral) = match reduce.kind {
            Reduction::Sum => ("sum", start(0.0, quote!(0))),
            Reduction::Count => {
                let name = self.fresh("count");
                self.say(quote!(let mut #name: ::core::primitive::i64 = 0;));
                self.loops(&loops, |writer| writer.say(quote!(#name += 1;)));
                return Code { tokens: quote!(#name), form: Form::Int };
            }
            Reduction::Product => ("product", start(1.0, quote!(1))),
            Reduction::Maximum => ("greatest", start(f64::NEG_INFINITY, quote!(::core::primitive::i64::MIN))),
            Reduction::Minimum => ("least", start(f64::INFINITY, quote!(::core::primitive::i64::MAX))),
            Reduction::ArgMaximum | Reduction::ArgMinimum => return self.position_of_best(reduce, &loops, form),
        };
        let name = self.fresh(word);
        self.say(quote!(let mut #name = #neutral;));
        self.loops(&loops, |writer| writer.fold(reduce.kind, &reduce.body, &loops.masks, &name, &neutral, form));
        Code { tokens: quote!(#name), form }
    }

    /// One step of a reduction.
    pub(super) fn fold(&mut self, kind: Reduction, body: &Expr, masks: &[Expr], name: &Ident, neutral: &TokenStream, form: Form) {
        let mask = self.masks(masks);
        if let (Reduction::Sum, None, Expr::Call(primitive, both, _), Form::Lanes | Form::Scalar) = (kind, &mask, body, form)
            && primitive.is("mul")
        {
            let sides: Vec<Code> = both.iter().map(|e| self.expr(e)).collect();
            let sides: Vec<TokenStream> = sides.into_iter().map(|c| if form == Form::Lanes { self.to_lanes(c) } else { self.to_scalar(c) }).collect();
            return self.say(quote!(#name = _words::mul_add(#(#sides,)* #name);));
        }
        let value = self.expr(body);
        let value = match form {
            Form::Lanes => self.to_lanes(value),
            Form::Int => value.tokens,
            _ => self.to_scalar(value),
        };
        let value = match mask {
            Some(mask) => quote!(_words::select(#mask, #value, #neutral)),
            None => value,
        };
        let folded = match (kind, form) {
            (Reduction::Product, _) => quote!(#name * #value),
            (Reduction::Maximum, Form::Int) => quote!(_words::greatest(#name, #value)),
            (Reduction::Minimum, Form::Int) => quote!(_words::least(#name, #value)),
            (Reduction::Maximum, _) => quote!(_words::max(#name, #value)),
            (Reduction::Minimum, _) => quote!(_words::min(#name, #value)),
            _ => quote!(#name + #value),
        };
        self.say(quote!(#name = #folded;));
    }

    /// `argmax`: the first of equals, as a row-major position.
    fn position_of_best(&mut self, reduce: &Reduce, loops: &Loops, form: Form) -> Code {
        let maximum = reduce.kind == Reduction::ArgMaximum;
        let (best, place) = (self.fresh("best"), self.fresh("place"));
        let worst = number(if maximum { f64::NEG_INFINITY } else { f64::INFINITY });
        let codes: Vec<Code> = reduce.indices.iter().map(|index| { let at = self.names.at(*index); Code { tokens: quote!(#at), form: Form::Int } }).collect();
        let position = self.offset(&reduce.indices, codes);
        let lanes = form == Form::Lanes;
        let start = quote!(_words::number::<Elem>(#worst));
        if lanes {
            self.say(quote!(let mut #best = _words::splat(simd_now, #start); let mut #place = _words::splat(simd_now, _words::number::<Elem>(0.0));));
        } else {
            self.say(quote!(let mut #best = #start; let mut #place: ::core::primitive::i64 = 0;));
        }
        let masks = loops.masks.clone();
        self.loops(loops, |writer| {
            let value = writer.expr(&reduce.body);
            if lanes {
                let value = writer.to_lanes(value);
                let mask = writer.masks(&masks);
                let order = if maximum { quote!(_words::less(#best, candidate_now)) } else { quote!(_words::less(candidate_now, #best)) };
                let better = mask.map_or(order.clone(), |mask| quote!(#order & #mask));
                writer.say(quote! {
                    let candidate_now = #value;
                    let better_now = #better;
                    #best = _words::select(better_now, candidate_now, #best);
                    #place = _words::select(better_now, _words::splat(simd_now, _words::real::<Elem>(#position)), #place);
                });
            } else {
                let value = writer.to_scalar(value);
                let better = if maximum { quote!(#best < candidate_now) } else { quote!(candidate_now < #best) };
                writer.say(quote!(let candidate_now = #value; if #better { #best = candidate_now; #place = #position; }));
            }
        });
        Code { tokens: quote!(#place), form: if lanes { Form::Lanes } else { Form::Int } }
    }
}

/// An integer as Rust writes it.
fn integer(value: i64) -> TokenStream {
    let literal = Literal::i64_unsuffixed(value.saturating_abs());
    if value < 0 { quote!((-#literal)) } else { quote!(#literal) }
}
