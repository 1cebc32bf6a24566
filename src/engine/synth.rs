//! Text programs from examples, for a host.

use super::{Engine, Error, Function};
use crate::vm::value::{Doubt, Value};
use std::time::Duration;

/// What a host may ask of [`Engine::synth_strings`].
#[derive(Clone, Debug)]
pub struct SynthOptions {
    /// Inputs without outputs: the rest of the column, which helps to choose.
    pub rows: Vec<String>,
    /// `auto`, or `robustfill` for the published language alone.
    pub method: String,
    /// How many examples may be wrong.
    pub errors: usize,
    /// The longest that the search may take.
    pub time: Duration,
}

impl Default for SynthOptions {
    fn default() -> SynthOptions {
        SynthOptions { rows: Vec::new(), method: "auto".into(), errors: 0, time: Duration::from_secs(5) }
    }
}

/// A text program that was found. Cloning is cheap; threads may share it.
#[derive(Clone, Debug)]
pub struct StringProgram {
    function: Function,
    source: String,
    doubt: Option<Doubt>,
}

impl StringProgram {
    /// Its output for a text.
    ///
    /// # Errors
    /// A text that the program was not made for, or a limit of the engine.
    pub fn call(&self, text: &str) -> Result<String, Error> {
        self.function.call((text,))
    }

    /// The program as source, with what found it as a comment above it.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Where other programs that agree with the examples differ from it, and so the next example to ask for.
    pub fn why(&self) -> Option<&Doubt> {
        self.doubt.as_ref()
    }

    /// The function, for other calls.
    pub fn function(&self) -> &Function {
        &self.function
    }
}

impl Engine {
    /// Finds a program that gives the outputs of all examples, as `synth.strings` does in the language.
    ///
    /// ```
    /// let mut nsp = nsp::Engine::new();
    /// let examples = [("Mason Smith", "Smith M"), ("Ann Lee", "Lee A")];
    /// let clean = nsp.synth_strings(&examples, Default::default())?;
    /// assert_eq!(clean.call("Henry Myers")?, "Myers H");
    /// assert!(clean.source().contains("fn program(s: str)"));
    /// # Ok::<(), nsp::Error>(())
    /// ```
    ///
    /// # Errors
    /// No program, examples that contradict each other, a limit.
    pub fn synth_strings(&mut self, examples: &[(&str, &str)], options: SynthOptions) -> Result<StringProgram, Error> {
        let SynthOptions { rows, method, errors, time } = options;
        let search = "fn(examples: [(str, str)], rows: [str], method: str, errors: int, seconds: num) { \
                      synth.strings(examples, rows: rows, method: method, errors: errors, seconds: seconds) }";
        let search = self.function(search)?;
        let found = search.call_typed((examples, rows, method, errors as i64, time.as_secs_f64()))?;
        let source = self.session().source(&found.value).unwrap_or_default();
        let doubt = match &found.value {
            Value::Fn(f) => f.origin.as_ref().and_then(|o| o.doubt.clone()),
            _ => None,
        };
        let session = self.session();
        let function = Function::new(session.env().clone(), session.globals(), found, session.sources().clone())?;
        Ok(StringProgram { function, source, doubt })
    }
}
