//! Syntax tree → IR. Every name is resolved, every index gets its extent, `mean`, `norm` and `clamp` are written out, and the
//! definitions are put into an order in which each reads only what stands before it.
//!
//! Reports: unknown and doubled names, indices without an extent or with two, wrong numbers of indices, types that do not
//! fit, cycles, and what this version does not have yet. What has such a mistake is missing in the layer; the rest is there,
//! to be checked all the same.

mod call;
mod expression;
mod indices;
mod integers;
mod missing;
mod order;
mod read;
mod reduce;

use std::collections::HashMap;

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;

use super::ast::{self, Declaration, ExprKind, LayerText, Statement};
use super::ir::{
    Definition, Distribution, Field, FieldId, Index, IndexId, Layer, Outside, Param, Rate, Require, Role, Tensor,
    TensorId, Value,
};
use crate::error::Errors;
use expression::Mode;
pub(super) use missing::Missing;

/// What the stages of the build share.
struct Builder<'a> {
    layer: Layer,
    errors: &'a mut Errors,
    tensors: HashMap<String, TensorId>,
    fields: HashMap<String, FieldId>,
    /// The index that introduced a name.
    indices: HashMap<String, IndexId>,
    /// The axes as they were written: fusions within fusions.
    nests: HashMap<TensorId, Vec<indices::Nest>>,
    /// The names in force where an expression stands, innermost last.
    scope: Vec<(String, IndexId)>,
    missing: Missing,
    /// Whether the statement has a part that stands for one in error.
    is_guessed: bool,
    /// Statements, by their numbers, whose names belong to others.
    refused: Vec<usize>,
}

/// A layer, as far as its text could be made out.
pub(crate) struct Built {
    pub(crate) layer: Layer,
    pub(crate) missing: Missing,
}

pub(crate) fn build(name: &Ident, fields: &[ast::Field], text: &LayerText, errors: &mut Errors) -> Built {
    let batch = Index { name: "batch".into(), extent: super::ir::Extent::Batch, span: Span::call_site() };
    let layer = Layer {
        name: name.clone(),
        fields: fields
            .iter()
            .map(|field| Field {
                name: field.name.clone(),
                kind: field.kind,
                generic: field.generic,
                signed: super::fields::is_signed(&field.ty),
            })
            .collect(),
        indices: vec![batch],
        tensors: vec![],
        params: vec![],
        definitions: vec![],
        requires: vec![],
    };
    let is_lost = text.nameless || !text.broken.is_empty();
    let missing = Missing {
        statements: is_lost || !errors.is_empty(),
        any_index: is_lost,
        any_name: text.nameless,
        // It may have been one.
        requirements: text.nameless,
        ..Missing::default()
    };
    let mut builder = Builder {
        layer,
        errors,
        tensors: HashMap::new(),
        fields: HashMap::new(),
        indices: HashMap::new(),
        nests: HashMap::new(),
        scope: vec![],
        missing,
        is_guessed: false,
        refused: vec![],
    };
    text.broken.iter().for_each(|name| builder.missing.name(&name.unraw().to_string()));
    builder.declare(fields, text);
    builder.introduce(text);
    builder.define(text);
    let in_a_cycle = order::sort(&mut builder.layer, builder.errors);
    for definition in in_a_cycle {
        builder.missing.tensors.insert(definition.tensor);
        let tensors = (0..builder.layer.tensors.len()).map(TensorId);
        builder.missing.read.extend(tensors.filter(|tensor| definition.reads(*tensor)));
    }
    Built { layer: builder.layer, missing: builder.missing }
}

impl Statement {
    fn declaration(&self) -> Option<&Declaration> {
        match self {
            Statement::Input(declaration) | Statement::Target(declaration) => Some(declaration),
            Statement::Param { declaration, .. }
            | Statement::State { declaration, .. }
            | Statement::Let { declaration, .. }
            | Statement::Draw { declaration, .. }
            | Statement::Output { declaration, .. }
            | Statement::Update { declaration, .. } => Some(declaration),
            Statement::Require { .. } => None,
        }
    }
}

impl Builder<'_> {
    /// The name spaces of fields and tensors.
    fn declare(&mut self, fields: &[ast::Field], text: &LayerText) {
        for (at, field) in fields.iter().enumerate() {
            let name = field.name.unraw().to_string();
            self.reserved(&name, field.name.span());
            self.fields.insert(name, FieldId(at));
        }
        for (at, statement) in text.statements.iter().enumerate() {
            let Some(declaration) = statement.declaration() else { continue };
            let span = declaration.name.span();
            let name = declaration.name.unraw().to_string();
            let role = match statement {
                Statement::Input(_) => Role::Input,
                Statement::Target(_) => Role::Target,
                Statement::Param { .. } => Role::Param(self.layer.params.len()),
                Statement::Let { .. } => Role::Let,
                Statement::Draw { .. } => Role::Draw,
                Statement::Output { .. } => Role::Output,
                Statement::State { .. } | Statement::Update { .. } => {
                    self.errors
                        .at(span, "`state` and `update` are not in this version yet: they come together with `batch`");
                    self.refuse(at, &name);
                    continue;
                }
                Statement::Require { .. } => continue,
            };
            if self.reserved(&name, span) {
                self.refuse(at, &name);
                continue;
            }
            if self.fields.contains_key(&name) {
                self.errors.at(span, format!("`{name}` is a field of the struct already; fields, tensors and indices share one name space: choose another name"));
                self.refuse(at, &name);
                continue;
            }
            if self.tensors.contains_key(&name) {
                self.errors.at(span, format!("`{name}` is defined twice; every statement defines another tensor"));
                self.refuse(at, &name);
                continue;
            }
            let id = TensorId(self.layer.tensors.len());
            self.tensors.insert(name.clone(), id);
            if let Role::Param(_) = role {
                let zero = super::ir::Expr::Real(0.0);
                self.layer.params.push(Param {
                    tensor: id,
                    condition: None,
                    otherwise: zero,
                    initialiser: (String::new(), vec![]),
                    checkpoint: name.clone(),
                });
            }
            let rate = match role {
                Role::Param(_) => Rate::Step,
                Role::Let => Rate::Once,
                _ => Rate::Sample,
            };
            self.layer.tensors.push(Tensor {
                name,
                role,
                axes: vec![],
                fused: vec![],
                integer: false,
                below: None,
                outside: None,
                rate,
                span,
            });
        }
    }

    /// The statement defines nothing, and its name means nothing any more.
    fn refuse(&mut self, at: usize, name: &str) {
        self.refused.push(at);
        self.missing.name(name);
    }

    fn reserved(&mut self, name: &str, span: Span) -> bool {
        const RESERVED: [&str; 6] = ["batch", "inf", "pi", "training", "len", "grad"];
        if RESERVED.contains(&name) {
            self.errors.at(span, format!("`{name}` is a word of the language: choose another name"));
        }
        RESERVED.contains(&name)
    }

    /// Right-hand sides, parameters and requirements.
    fn define(&mut self, text: &LayerText) {
        // Whether a tensor holds integers decides what may be done with it: declared ones first, in any order.
        for statement in &text.statements {
            let Some(declaration) = statement.declaration() else { continue };
            if let (Some(of), Some(id)) = (&declaration.of, self.declared(declaration)) {
                self.layer.tensors[id.0].integer = true;
                self.layer.tensors[id.0].below = self.extent(of);
                if self.layer.tensor(id).below.is_none() {
                    self.missing.tensor(&self.layer, id);
                }
            }
        }
        self.infer_integers(text);
        for (at, statement) in text.statements.iter().enumerate() {
            self.scope.clear();
            self.is_guessed = false;
            let before = self.errors.len();
            let is_refused = self.refused.contains(&at) || self.statement(statement).is_none();
            if is_refused || self.is_guessed || self.errors.len() > before {
                self.miss(at, statement);
            }
        }
    }

    /// None where something is missing.
    fn statement(&mut self, statement: &Statement) -> Option<()> {
        match statement {
            Statement::Require { condition, message } => {
                let condition = self.condition(condition, Mode::Extent)?;
                self.layer.requires.push(Require { condition, message: message.value() });
            }
            Statement::Param { declaration, condition, otherwise, initialiser, checkpoint } => {
                let Role::Param(at) = self.layer.tensor(self.declared(declaration)?).role else { return None };
                if let Some(condition) = condition {
                    self.layer.params[at].condition = self.condition(condition, Mode::Extent);
                }
                if let Some(otherwise) = otherwise
                    && let Some(value) = self.constant(otherwise)
                {
                    self.layer.params[at].otherwise = value;
                }
                self.initialiser(at, initialiser);
                if let Some(name) = checkpoint {
                    self.checkpoint(at, name);
                }
            }
            Statement::Let { declaration, value } | Statement::Output { declaration, value } => {
                return self.definition(declaration, value);
            }
            Statement::Draw { declaration, distribution, arguments } => {
                return self.draw(declaration, distribution, arguments);
            }
            Statement::Input(declaration) | Statement::Target(declaration) => self.outside(declaration),
            Statement::State { .. } | Statement::Update { .. } => return None,
        }
        Some(())
    }

    /// What an expression in error may read.
    fn miss_reads(&mut self, expr: &ast::Expr) {
        if let ExprKind::Name(name) | ExprKind::Read { name, .. } = &expr.kind {
            self.missing.read.extend(self.tensors.get(&name.unraw().to_string()));
        }
        expr.parts().into_iter().for_each(|part| self.miss_reads(part));
    }

    fn miss(&mut self, at: usize, statement: &Statement) {
        indices::expressions(statement).into_iter().for_each(|expr| self.miss_reads(expr));
        match statement.declaration() {
            Some(declaration) if !self.refused.contains(&at) => {
                self.missing.tensors.extend(self.declared(declaration));
            }
            Some(_) => {}
            None => self.missing.requirements = true,
        }
    }

    fn definition(&mut self, declaration: &Declaration, value: &ast::Expr) -> Option<()> {
        self.outside(declaration);
        let id = self.declared(declaration)?;
        self.enter(id);
        let mode = if self.layer.tensor(id).integer { Mode::Integer } else { Mode::Value };
        let value = self.expression(value, mode)?;
        self.defined(id, Value::Formula(value), declaration.name.span())
    }

    fn draw(&mut self, declaration: &Declaration, distribution: &Ident, arguments: &[ast::Expr]) -> Option<()> {
        self.outside(declaration);
        let id = self.declared(declaration)?;
        self.enter(id);
        let (kind, count) = match distribution.to_string().as_str() {
            "Bernoulli" => (Distribution::Bernoulli, 1),
            "Normal" => (Distribution::Normal, 2),
            "Uniform" => (Distribution::Uniform, 2),
            "Gumbel" => (Distribution::Gumbel, 0),
            other => {
                self.errors.at(distribution.span(), format!("`{other}` is no distribution; there are `Bernoulli(p)`, `Normal(mean, std)`, `Uniform(low, high)` and `Gumbel`"));
                return None;
            }
        };
        if arguments.len() != count {
            self.errors
                .at(distribution.span(), format!("`{distribution}` takes {count} arguments, not {}", arguments.len()));
            return None;
        }
        let values: Vec<_> = arguments.iter().map(|argument| self.expression(argument, Mode::Value)).collect();
        let values = values.into_iter().collect::<Option<_>>()?;
        self.defined(id, Value::Draw(kind, values), declaration.name.span())
    }

    /// None where the axes are missing.
    fn defined(&mut self, tensor: TensorId, value: Value, span: Span) -> Option<()> {
        let known = !self.missing.tensors.contains(&tensor);
        known.then(|| self.layer.definitions.push(Definition { tensor, guard: vec![], value, span }))
    }

    /// The indices of a tensor's own axes come into force.
    fn enter(&mut self, id: TensorId) {
        self.scope.clear();
        for index in self.layer.tensor(id).indices() {
            self.scope.push((self.layer.index(index).name.clone(), index));
        }
    }

    fn outside(&mut self, declaration: &Declaration) {
        let Some(id) = self.declared(declaration) else { return };
        let outside = match &declaration.outside {
            None => None,
            Some(ast::Outside::Value(value)) => self.constant(value).map(Outside::Value),
            Some(ast::Outside::Nearest) => Some(Outside::Nearest),
            Some(ast::Outside::Reflect) => Some(Outside::Reflect),
            Some(ast::Outside::Wrap) => Some(Outside::Wrap),
        };
        self.layer.tensors[id.0].outside = outside;
    }

    fn initialiser(&mut self, at: usize, initialiser: &ast::Initialiser) {
        let name = initialiser.name.to_string();
        let arguments = match name.as_str() {
            "Zeros" | "Ones" | "KaimingUniform" | "KaimingNormal" | "XavierUniform" | "XavierNormal" | "Orthogonal" => {
                0
            }
            "Constant" | "Normal" => 1,
            "Uniform" => 2,
            _ => {
                return self.errors.at(
                    initialiser.name.span(),
                    format!(
                        "`{name}` is no initialiser; there are `Zeros`, `Ones`, `Constant(c)`, `Normal(std)`, `Uniform(low, high)`, `KaimingUniform`, `KaimingNormal`, `XavierUniform`, `XavierNormal` and `Orthogonal`"
                    ),
                );
            }
        };
        if initialiser.arguments.len() != arguments {
            return self.errors.at(
                initialiser.name.span(),
                format!("`{name}` takes {arguments} arguments, not {}", initialiser.arguments.len()),
            );
        }
        let values: Vec<_> = initialiser.arguments.iter().filter_map(|argument| self.constant(argument)).collect();
        self.layer.params[at].initialiser = (name, values);
    }

    fn checkpoint(&mut self, at: usize, name: &syn::LitStr) {
        let text = name.value();
        if text.is_empty() || text.chars().any(char::is_control) {
            return self
                .errors
                .at(name.span(), "a checkpoint name has at least one character, and no control characters");
        }
        if self.layer.params.iter().take(at).any(|param| param.checkpoint == text) {
            self.errors.at(name.span(), format!("two parameters of this layer have the checkpoint name `{text}`"));
        }
        self.layer.params[at].checkpoint = text;
    }
}

/// The known name nearest to a misspelt one.
fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    fn distance(a: &str, b: &str) -> usize {
        let b: Vec<char> = b.chars().collect();
        let mut row: Vec<usize> = (0..=b.len()).collect();
        for (i, c) in a.chars().enumerate() {
            let mut diagonal = row[0];
            row[0] = i + 1;
            for j in 0..b.len() {
                let cost = if c == b[j] { diagonal } else { 1 + diagonal.min(row[j]).min(row[j + 1]) };
                diagonal = row[j + 1];
                row[j + 1] = cost;
            }
        }
        row[b.len()]
    }
    known
        .map(|other| (distance(name, other), other))
        .filter(|(d, _)| *d <= 1 + name.chars().count() / 4 && *d < name.chars().count())
        .min_by_key(|(d, _)| *d)
        .map(|(_, other)| other)
}
