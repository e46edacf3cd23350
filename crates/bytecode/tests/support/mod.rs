//! What the tests of this crate share: text to functions and back, with buffers that are large
//! enough, and an environment of functions and primitives.

#![allow(dead_code, reason = "each test uses its part")]

pub(crate) mod script;

use proptest::prelude::ProptestConfig;
use proptest::test_runner::FileFailurePersistence;
use std::fmt;
use stele_bytecode::analysis::{Callees, Declared, Effect, LaneEffect, SELF};
use stele_bytecode::assembler::{Assembler, AssemblyError, Label, Symbols};
use stele_bytecode::function::{Delta, Header};
use stele_bytecode::instruction::Op;
use stele_bytecode::listing::{Names, Numbers, write_function};

/// So many cases, or as many as PROPTEST_CASES says; failures are kept beside the tests.
pub(crate) fn cases(count: u32) -> ProptestConfig {
    let wanted = std::env::var("PROPTEST_CASES").ok();
    ProptestConfig {
        cases: wanted
            .and_then(|wanted| wanted.parse().ok())
            .unwrap_or(count),
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..ProptestConfig::default()
    }
}

/// A function with its code, header apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Function {
    /// Its name.
    pub(crate) name: String,
    /// What it declares.
    pub(crate) header: Header,
    /// Its code.
    pub(crate) code: Vec<u32>,
}

impl Function {
    /// Makes the header say what was found out.
    pub(crate) fn declare(&mut self, declared: Declared) {
        self.header.need = declared.need;
        self.header.room = declared.room;
        self.header.delta = declared.delta;
        self.header.value_delta = declared.value_delta;
        self.header.float_delta = declared.float_delta;
        self.header.entry_cost = declared.entry_cost;
    }

    /// Makes calls of itself calls of `index`, as the builder does for a finished function.
    pub(crate) fn name_itself(&mut self, index: u32) {
        let mut at = 0;
        while let Some(op) = self.code.get(at).copied().and_then(Op::decode) {
            if op == Op::Call && self.code[at + 1] == SELF {
                self.code[at + 1] = index;
            }
            at += op.words();
        }
    }
}

/// What names, calls and primitives stand for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment {
    functions: Vec<Function>,
    primitives: Vec<(String, Effect)>,
}

impl Environment {
    /// The primitives that `text` describes, a line each:
    /// `primitive NAME need N delta D room R cost C`, and behind that, if it touches the value
    /// stack, `takes N leaves N`, and behind that, if it touches the float stack, `with N leaves N`.
    pub(crate) fn new(text: &str) -> Self {
        let described = text.replace("primitive ", "function ");
        let described = described
            .lines()
            .filter(|line| line.starts_with("function "));
        let (lines, values): (Vec<&str>, Vec<&str>) = described
            .map(|line| line.split_once(" takes ").unwrap_or((line, "")))
            .unzip();
        let primitives = assemble_all(&lines.join("\n"), &NoSymbols)
            .unwrap_or_else(|error| panic!("the primitives cannot be read: {error}"))
            .into_iter()
            .zip(values)
            .map(|(Function { name, header, .. }, values)| {
                let effect = Effect {
                    need: header.need,
                    delta: header.delta,
                    room: u16::try_from(header.room).expect("a primitive's room is small"),
                    cost: header.entry_cost,
                    values: read_lane(values.split(" with ").next()),
                    floats: read_lane(values.split(" with ").nth(1)),
                };
                (name, effect)
            })
            .collect();
        Self {
            functions: Vec::new(),
            primitives,
        }
    }

    /// With these primitives, in this order.
    pub(crate) fn of(primitives: impl IntoIterator<Item = (String, Effect)>) -> Self {
        Self {
            functions: Vec::new(),
            primitives: primitives.into_iter().collect(),
        }
    }

    /// As it is, with the names of the functions in `text`, which need not be sound yet.
    pub(crate) fn with_text(&self, text: &str) -> Self {
        let named = Assembler::names(text).map(|name| Function {
            name: name.to_owned(),
            header: Header {
                entry_cost: 0,
                room: 1,
                need: 0,
                delta: Delta::Dynamic,
                value_delta: Delta::Dynamic,
                float_delta: Delta::Dynamic,
                length: 1,
                id: 0,
                inline: false,
            },
            code: Vec::new(),
        });
        Self {
            functions: named.collect(),
            ..self.clone()
        }
    }

    /// As it is, with these functions.
    pub(crate) fn with_functions(&self, functions: &[Function]) -> Self {
        Self {
            functions: functions.to_vec(),
            ..self.clone()
        }
    }

    /// Makes the function of that name the one given.
    pub(crate) fn declare(&mut self, function: &Function) {
        for known in &mut self.functions {
            if known.name == function.name {
                known.clone_from(function);
            }
        }
    }

    /// The primitive of that name and its number.
    pub(crate) fn primitive_named(&self, name: &str) -> Option<(u16, Effect)> {
        let number = self
            .primitives
            .iter()
            .position(|(known, _)| known == name)?;
        Some((u16::try_from(number).ok()?, self.primitives[number].1))
    }

    /// The function of that name and its index.
    pub(crate) fn function_named(&self, name: &str) -> Option<(u32, &Function)> {
        let index = self.functions.iter().position(|known| known.name == name)?;
        Some((u32::try_from(index).ok()?, &self.functions[index]))
    }
}

impl Symbols for Environment {
    fn function(&self, name: &str) -> Option<u32> {
        self.function_named(name).map(|(index, _)| index)
    }

    fn primitive(&self, name: &str) -> Option<u16> {
        self.primitive_named(name).map(|(number, _)| number)
    }

    fn token(&self, _: &str) -> Option<u32> {
        None
    }
}

impl Callees for Environment {
    fn function(&self, operand: u32) -> Option<Effect> {
        let header = self.functions.get(operand as usize)?.header;
        Some(Effect::of_function(&header))
    }

    fn primitive(&self, number: u16) -> Option<Effect> {
        Some(self.primitives.get(usize::from(number))?.1)
    }
}

impl Names for &Environment {
    fn function(&mut self, operand: u32, out: &mut dyn fmt::Write) -> Result<bool, fmt::Error> {
        match self.functions.get(operand as usize) {
            None => Ok(false),
            Some(function) => out.write_str(&function.name).map(|()| true),
        }
    }

    fn primitive(&mut self, number: u16, out: &mut dyn fmt::Write) -> Result<bool, fmt::Error> {
        match self.primitives.get(usize::from(number)) {
            None => Ok(false),
            Some((name, _)) => out.write_str(name).map(|()| true),
        }
    }

    fn token(&mut self, _: u32, _: &mut dyn fmt::Write) -> Result<bool, fmt::Error> {
        Ok(false)
    }
}

/// The effect that `N leaves N` describes; none if it is empty. `leaves any` is dynamic.
fn read_lane(text: Option<&str>) -> LaneEffect {
    let Some((takes, leaves)) = text.and_then(|text| text.split_once(" leaves ")) else {
        return LaneEffect::NONE;
    };
    let takes = takes.parse().expect("items taken are a number");
    match leaves.parse() {
        Ok(leaves) => LaneEffect::of(takes, leaves),
        Err(_) => LaneEffect {
            delta: Delta::Dynamic,
            ..LaneEffect::of(takes, 0)
        },
    }
}

/// Knows no names.
pub(crate) struct NoSymbols;

impl Symbols for NoSymbols {
    fn function(&self, _: &str) -> Option<u32> {
        None
    }

    fn primitive(&self, _: &str) -> Option<u16> {
        None
    }

    fn token(&self, _: &str) -> Option<u32> {
        None
    }
}

/// All functions of a text.
pub(crate) fn assemble_all<'t>(
    text: &'t str,
    symbols: &dyn Symbols,
) -> Result<Vec<Function>, AssemblyError<'t>> {
    // No line yields more than four words or one label.
    let lines = text.lines().count();
    let mut labels = vec![Label::default(); lines];
    let mut code = vec![0; 4 * lines];
    let mut assembler = Assembler::new(text);
    let mut functions = Vec::new();
    while let Some(found) = assembler.function(symbols, &mut labels, &mut code)? {
        functions.push(Function {
            name: found.name.to_owned(),
            header: found.header,
            code: code[..found.header.length as usize].to_vec(),
        });
    }
    Ok(functions)
}

/// The listing of a function, everything by number.
pub(crate) fn list(name: &str, header: &Header, code: &[u32]) -> String {
    listed(name, header, code, &mut Numbers)
}

/// The listing of a function with the names of its environment.
pub(crate) fn list_with(function: &Function, mut environment: &Environment) -> String {
    listed(
        &function.name,
        &function.header,
        &function.code,
        &mut environment,
    )
}

fn listed(name: &str, header: &Header, code: &[u32], names: &mut dyn Names) -> String {
    let mut marks = vec![0; code.len()];
    let mut text = String::new();
    write_function(name, header, code, &mut marks, names, &mut text)
        .expect("writing to a string does not fail");
    text
}
