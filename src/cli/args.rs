//! What may be written on the command line.

use crate::synth::strings::dsl::PARTS;
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;

const USAGE: &str = "nsp [OPTIONS]                     the shell; without a terminal, a script from standard input
       nsp [OPTIONS] FILE.nsp [ARGS]...  a script; `-` is standard input
       nsp [OPTIONS] -e EXPR [ARGS]...   prints the value of an expression
       nsp [OPTIONS] COMMAND ...";

/// A small language for programs with holes: run exactly, relaxed, or completed by synthesis.
#[derive(Parser, Debug)]
#[command(name = "nsp", version, override_usage = USAGE, disable_help_subcommand = true)]
#[command(after_help = "Exit codes: 0 done, 1 error in the program or its input, 2 wrong use, 3 nothing found, \
                        124 out of time, 130 interrupted.")]
pub struct Args {
    #[command(flatten)]
    pub common: Common,
    /// Runs this text and prints its value
    #[arg(short = 'e', long = "eval", value_name = "EXPR", allow_hyphen_values = true)]
    pub expr: Option<String>,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Options of every command.
#[derive(ClapArgs, Debug, Clone, Default)]
pub struct Common {
    /// Prints errors as JSON, one a line
    #[arg(long, global = true)]
    pub json: bool,
    /// No colours, also on a terminal
    #[arg(long, global = true)]
    pub no_color: bool,
    /// Seed of everything random
    #[arg(long, global = true, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Bounds on what programs may use; `untrusted` also takes away all files
    #[arg(long, global = true, value_name = "PRESET")]
    pub limits: Option<Preset>,
}

/// Presets of limits.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// For programs from strangers: 10 million operations, 64 MiB, 200 calls deep, 1 second, no files
    Untrusted,
}

/// Subcommands. A word that is none of these is a script.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Checks programs without running them
    Check(CheckArgs),
    /// Writes programs in their normal form
    Fmt(FmtArgs),
    /// Runs the `test` blocks of programs
    Test(TestArgs),
    /// Runs a program and writes the picture it ends with
    Render(RenderArgs),
    /// Fills the unknown part of a picture
    ///
    /// Unknown is what is white in --mask, or the rectangle --rect, or else what is transparent. Writes the whole picture.
    Complete(CompleteArgs),
    /// Finds programs for the tasks of a corpus
    #[command(subcommand)]
    Synth(Synth),
    /// Learns what a synthesizer uses
    #[command(subcommand)]
    Train(Train),
    /// Makes random tasks
    #[command(subcommand)]
    Sample(Sample),
    /// Applies a function of a program to each row of a table
    Map(MapArgs),
    /// Writes a function of a program in another language
    Export(ExportArgs),
    /// Says what this machine can run on; with `--json` as one array
    Devices,
    /// A script and its arguments, as they stand
    #[command(external_subcommand)]
    Script(Vec<OsString>),
}

/// `nsp check`
#[derive(ClapArgs, Debug)]
pub struct CheckArgs {
    /// Programs; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Lists the holes with their types and what is in scope there
    #[arg(long)]
    pub holes: bool,
}

/// `nsp fmt`
#[derive(ClapArgs, Debug)]
pub struct FmtArgs {
    /// Programs; `-` is standard input, written to standard output
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Writes nothing; prints the files that would change, and ends with 1 if there are any
    #[arg(long)]
    pub check: bool,
}

/// `nsp test`
#[derive(ClapArgs, Debug)]
pub struct TestArgs {
    /// Programs
    #[arg(required_unless_present = "stdlib", value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Tests the library in the language
    #[arg(long)]
    pub stdlib: bool,
}

/// `nsp render`
#[derive(ClapArgs, Debug)]
pub struct RenderArgs {
    /// A program that ends with a shape2, an image, or a function without parameters that gives one; `-` is standard input
    #[arg(value_name = "PROGRAM")]
    pub program: PathBuf,
    /// Pixels: `N` for the longer side, or `WxH`
    #[arg(long, value_name = "N|WxH", value_parser = size)]
    pub size: Option<Size>,
    /// The part of the plane that is shown, instead of the shape's own extent
    #[arg(long, value_name = "X0,Y0,X1,Y1", value_parser = frame, allow_hyphen_values = true)]
    pub frame: Option<[f64; 4]>,
    /// What is drawn: this name instead of the program's last value
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Where to; ends in .png or .jpg
    #[arg(short, long = "output", value_name = "OUT")]
    pub output: PathBuf,
}

/// `nsp complete`
#[derive(ClapArgs, Debug)]
pub struct CompleteArgs {
    /// A picture, PNG or JPEG
    #[arg(value_name = "IMAGE")]
    pub image: PathBuf,
    /// A picture of the same size; white is unknown
    #[arg(long, value_name = "M.png", conflicts_with = "rect")]
    pub mask: Option<PathBuf>,
    /// The unknown part, in pixels
    #[arg(long, value_name = "LEFT,TOP,WIDTH,HEIGHT", value_parser = rect, allow_hyphen_values = true)]
    pub rect: Option<[i64; 4]>,
    /// Cells along each side in which loops are looked for; 0 finds a grid, which takes longer
    #[arg(long, value_name = "N", default_value_t = crate::synth::complete::structure::CELLS)]
    pub grid: u32,
    /// How: auto, loops, rows, separable, patches, smooth
    #[arg(long, value_name = "M", default_value = "auto")]
    pub method: String,
    /// How much what is regular decides, from 0 to 1
    #[arg(long, value_name = "X", default_value_t = 1.0)]
    pub strength: f64,
    /// Lets the outermost pixels around the unknown part change too
    #[arg(long)]
    pub soft: bool,
    /// Seconds; the best so far is written then
    #[arg(long, value_name = "S", default_value = "30", value_parser = seconds)]
    pub timeout: f64,
    /// Writes the loop program that explains the picture here, tiles beside it
    #[arg(long, value_name = "OUT.nsp")]
    pub program: Option<PathBuf>,
    /// Where to; ends in .png or .jpg
    #[arg(short, long = "output", value_name = "OUT")]
    pub output: PathBuf,
}

fn rect(text: &str) -> Result<[i64; 4], String> {
    let numbers: Option<Vec<i64>> = text.split(',').map(|t| t.trim().parse().ok()).collect();
    match numbers.as_deref() {
        Some(&[x, y, w, h]) if w > 0 && h > 0 => Ok([x, y, w, h]),
        _ => Err("a rectangle is `left,top,width,height` in pixels".into()),
    }
}

/// `nsp synth`
#[derive(Subcommand, Debug)]
pub enum Synth {
    /// Text transformations from pairs of inputs and outputs
    ///
    /// Reads lines {"id", "train": [[input, output], ..], "test": [[input, output], ..]} and writes one line for each, in
    /// the same order: {"id", "solved", "program", "outputs", "ms", "method"}. An input is a text or a list of texts.
    Strings(StringsArgs),
    /// Loops that draw the repeating parts of pictures
    ///
    /// Writes one line for each picture, in the same order: {"id", "objective", "program", "loops", "epsilon", "ms"}, the
    /// id being its path. A picture in which nothing is found has null for a program, and an "error" that says why.
    Loops(LoopsArgs),
}

/// `nsp train`
#[derive(Subcommand, Debug)]
pub enum Train {
    /// The prior over text programs, from the examples of tasks
    ///
    /// Tasks are as for `nsp synth strings`, each with a `family`: tasks of one family are never on both sides of a split.
    /// Only the `train` rows are learned from. Prints what the weights give, by cross-validation.
    Strings(TrainStringsArgs),
}

/// `nsp train strings`
#[derive(ClapArgs, Debug)]
pub struct TrainStringsArgs {
    /// Tasks, one a line
    #[arg(required = true, value_name = "TASKS.jsonl")]
    pub tasks: Vec<PathBuf>,
    /// Where the weights go, as JSON
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Parts of the cross-validation; 0 for none
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub folds: usize,
    /// How often candidates are made anew with the weights so far
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub rounds: usize,
    /// Pull towards the weights before learning
    #[arg(long, value_name = "X", default_value_t = 0.2)]
    pub pull: f32,
    /// Threads [default: as many as there are processors]
    #[arg(long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
}

/// `nsp synth strings`
#[derive(ClapArgs, Debug)]
pub struct StringsArgs {
    /// Tasks, one a line; `-` is standard input
    #[arg(value_name = "TASKS.jsonl")]
    pub tasks: PathBuf,
    /// Chooses by the examples alone; otherwise the inputs of the test rows help
    #[arg(long)]
    pub examples_only: bool,
    /// How many examples of a task may be wrong
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub errors: usize,
    #[command(flatten)]
    pub corpus: Corpus,
}

/// `nsp synth loops`
#[derive(ClapArgs, Debug)]
pub struct LoopsArgs {
    /// Pictures, PNG or JPEG
    #[arg(required = true, value_name = "IMAGE")]
    pub images: Vec<PathBuf>,
    /// Cells along a side, or across and down [default: found from what repeats]
    #[arg(long, value_name = "N|CxR", value_parser = cells)]
    pub grid: Option<(u32, u32)>,
    /// Most loops
    #[arg(short, long = "loops", value_name = "K", default_value_t = 12, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub k: u16,
    /// What an uncovered pair of different cells counts, beside 1 for a covered pair of like ones
    #[arg(long, value_name = "X", default_value_t = crate::synth::loops::solve::LAMBDA)]
    pub lambda: f64,
    /// Distance up to which cells are alike [default: from the distances themselves]
    #[arg(long, value_name = "X")]
    pub epsilon: Option<f64>,
    /// Where a loop may begin: anywhere, or as the paper writes it, `a*i + b` with b of 0 or more
    #[arg(long, value_name = "full|paper", default_value = "full")]
    pub range: Range,
    /// What is unknown: a picture of the same size, white where nothing is known
    #[arg(long, value_name = "M.png")]
    pub mask: Option<PathBuf>,
    /// A folder for each picture's structure rendering and program: NAME.png, NAME.nsp and NAME.tiles.png
    #[arg(long, value_name = "DIR")]
    pub render: Option<PathBuf>,
    #[command(flatten)]
    pub corpus: Corpus,
}

/// Where a loop may begin.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Range {
    /// Anywhere
    Full,
    /// With b of 0 or more
    Paper,
}

fn cells(text: &str) -> Result<(u32, u32), String> {
    let side = |t: &str| t.trim().parse::<u32>().ok().filter(|n| (1..=4096).contains(n));
    let (c, r) = text.split_once(['x', 'X']).unwrap_or((text, text));
    match (side(c), side(r)) {
        (Some(c), Some(r)) => Ok((c, r)),
        _ => Err("a grid is N, or COLUMNSxROWS, for example 15 or 20x12".into()),
    }
}

/// `nsp sample`
#[derive(Subcommand, Debug)]
pub enum Sample {
    /// Text transformations in the RobustFill language
    ///
    /// Writes tasks for `nsp synth strings`, each with its program: {"id", "family", "parts", "program", "train", "test"}.
    /// The same seed gives the same tasks.
    Strings(SampleStringsArgs),
    /// Pictures of coloured handwritten digits in loops, as PS-GM makes them (appendix A.1)
    ///
    /// Writes 00000.png and so on, and grids.jsonl with the loops and what each cell shows. The same seed gives the same
    /// pictures.
    Grids(SampleGridsArgs),
}

/// `nsp sample strings`
#[derive(ClapArgs, Debug)]
pub struct SampleStringsArgs {
    /// How many tasks
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub count: u64,
    /// How many parts programs have, all equally often
    #[arg(long, value_name = "LO..HI", default_value = "1..10", value_parser = parts)]
    pub parts: Parts,
    /// Rows with outputs to learn from
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=100))]
    pub examples: u16,
    /// Rows to test with
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u16).range(0..=1000))]
    pub rows: u16,
    /// Longest text, in characters
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub max_length: u16,
    /// Where tasks go, instead of standard output
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// `nsp sample grids`
#[derive(ClapArgs, Debug)]
pub struct SampleGridsArgs {
    /// A folder with the files of MNIST, compressed or not
    #[arg(long, value_name = "DIR")]
    pub mnist: PathBuf,
    /// Which of its digits
    #[arg(long, value_name = "train|test", default_value = "train")]
    pub part: MnistPart,
    /// How many pictures
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub count: u64,
    /// Cells along a side
    #[arg(long, value_name = "N", default_value_t = 9, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub cells: u16,
    /// Pixels along a cell's side
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(4..=256))]
    pub cell: u16,
    /// Loops of a picture
    #[arg(long, value_name = "K", default_value_t = 12, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub loops: u16,
    /// Which correlations there are between the loops of a picture: a seed of their own
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub world: u64,
    /// The folder for the pictures
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

/// A part of MNIST.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum MnistPart {
    /// The training digits
    Train,
    /// The test digits
    Test,
}

/// How many parts programs may have, from the first number to the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts(pub usize, pub usize);

fn parts(text: &str) -> Result<Parts, String> {
    let (low, high) = text.split_once("..").unwrap_or((text, text));
    match (low.parse(), high.parse()) {
        (Ok(low), Ok(high)) if 1 <= low && low <= high && high <= PARTS => Ok(Parts(low, high)),
        _ => Err(format!("parts are LO..HI with 1 <= LO <= HI <= {PARTS}, for example 2..5")),
    }
}

/// `nsp map`
#[derive(ClapArgs, Debug)]
pub struct MapArgs {
    /// A program; `-` is standard input
    #[arg(value_name = "PROGRAM")]
    pub program: PathBuf,
    /// A table with a header row, or JSON objects, one a line; `-` is standard input
    #[arg(value_name = "DATA")]
    pub data: PathBuf,
    /// The column that the function is given, by name or by number from 1; several as `A,B` or repeated
    #[arg(short, long = "column", required = true, value_name = "C")]
    pub columns: Vec<String>,
    /// The function [default: the program's last one]
    #[arg(long, value_name = "F")]
    pub name: Option<String>,
    /// The column of the results; one of this name is replaced, else it is added [default: the function's name]
    #[arg(long, value_name = "NAME")]
    pub into: Option<String>,
    /// Where to, instead of standard output; written whole or not at all
    #[arg(short, long, value_name = "OUT")]
    pub output: Option<PathBuf>,
    /// What the data is [default: by its extension, else csv]
    #[arg(long, value_name = "csv|jsonl")]
    pub format: Option<Format>,
    /// The first row is no header
    #[arg(long)]
    pub no_header: bool,
    /// What stands between the fields of a row; `tab` or one character [default: a comma, in .tsv files a tab]
    #[arg(long, value_name = "D", value_parser = delimiter)]
    pub delimiter: Option<u8>,
    /// Rows at the same time [default: as many as there are processors]
    #[arg(long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
    /// A row that fails ends the run; nothing is written
    #[arg(long)]
    pub strict: bool,
}

/// `nsp export`
#[derive(ClapArgs, Debug)]
pub struct ExportArgs {
    /// A program; `-` is standard input
    #[arg(value_name = "PROGRAM")]
    pub program: PathBuf,
    /// The language
    #[arg(long, value_name = "LANGUAGE")]
    pub to: To,
    /// The function [default: the program's last one]
    #[arg(long, value_name = "F")]
    pub name: Option<String>,
    /// Where to, instead of standard output
    #[arg(short, long, value_name = "OUT")]
    pub output: Option<PathBuf>,
}

/// Languages to export to.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// A module of Python 3
    Python,
    /// An expression of SQLite over columns named as the parameters
    Sql,
    /// A pattern and a replacement, as JSON
    Regex,
    /// A file of Rust
    Rust,
    /// The checked expression tree
    Json,
}

/// Formats of tables.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Rows of fields with delimiters between them
    Csv,
    /// A JSON object a line
    Jsonl,
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"tab" | b"\\t" => Ok(b'\t'),
        [c] if c.is_ascii() && !matches!(c, b'"' | b'\n' | b'\r') => Ok(*c),
        _ => Err("a delimiter is `tab` or one ASCII character that is no quote".into()),
    }
}

/// Options of commands that work through a corpus.
#[derive(ClapArgs, Debug, Clone)]
pub struct Corpus {
    /// How programs are searched for
    #[arg(long, value_name = "M", default_value = "auto")]
    pub method: String,
    /// Seconds for one task
    #[arg(long, value_name = "S", default_value = "10", value_parser = seconds)]
    pub timeout: f64,
    /// Most programs tried for one task; with it and a long timeout, results do not depend on the machine
    #[arg(long, value_name = "N")]
    pub nodes: Option<u64>,
    /// Tasks at the same time [default: as many as there are processors]
    #[arg(long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
    /// Where results go, instead of standard output
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Only part I of N equal parts of the tasks, I from 1
    #[arg(long, value_name = "I/N", value_parser = shard)]
    pub shard: Option<Shard>,
    /// Keeps the results that are in the output file already, and does the rest
    #[arg(long, requires = "out")]
    pub resume: bool,
}

/// A part of a corpus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Which part, from 0.
    pub index: usize,
    /// How many parts there are.
    pub of: usize,
}

fn shard(text: &str) -> Result<Shard, String> {
    let parts = text.split_once('/').and_then(|(i, n)| Some((i.parse::<usize>().ok()?, n.parse::<usize>().ok()?)));
    match parts {
        Some((i, of)) if (1..=of).contains(&i) => Ok(Shard { index: i - 1, of }),
        _ => Err("a part is written I/N with I from 1 to N, for example 1/4".into()),
    }
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(s) if s > 0.0 && s <= 1e9 => Ok(s),
        _ => Err("a time is a number of seconds above 0".into()),
    }
}

/// A size in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// The longer side.
    Longer(u32),
    /// Both sides.
    Both(u32, u32),
}

fn size(text: &str) -> Result<Size, String> {
    let side = |t: &str| match t.trim().parse::<u32>() {
        Ok(n @ 1..=65_536) => Ok(n),
        _ => Err(format!("`{t}` is not a number of pixels from 1 to 65536")),
    };
    match text.split_once(['x', 'X']) {
        Some((w, h)) => Ok(Size::Both(side(w)?, side(h)?)),
        None => Ok(Size::Longer(side(text)?)),
    }
}

fn frame(text: &str) -> Result<[f64; 4], String> {
    let numbers: Result<Vec<f64>, _> = text.split(',').map(|t| t.trim().parse::<f64>()).collect();
    match numbers.as_deref() {
        Ok(&[x0, y0, x1, y1]) if x0 < x1 && y0 < y1 && [x0, y0, x1, y1].iter().all(|x| x.is_finite()) => {
            Ok([x0, y0, x1, y1])
        }
        _ => Err("a frame is `left,top,right,bottom` with left < right and top < bottom".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn is_well_formed() {
        Args::command().debug_assert();
    }

    #[test]
    fn sizes_and_frames() {
        assert_eq!(size("64"), Ok(Size::Longer(64)));
        assert_eq!(size("64x32"), Ok(Size::Both(64, 32)));
        assert!(size("0").is_err() && size("axb").is_err());
        assert_eq!(frame("-1,0,1.5,2"), Ok([-1.0, 0.0, 1.5, 2.0]));
        assert!(frame("1,0,1,2").is_err() && frame("nan,0,1,2").is_err() && frame("1,2").is_err());
    }

    #[test]
    fn shards_count_from_one() {
        assert_eq!(shard("2/4"), Ok(Shard { index: 1, of: 4 }));
        assert!(shard("0/4").is_err() && shard("5/4").is_err() && shard("1").is_err());
    }

    #[test]
    fn parts_are_a_range() {
        assert_eq!(parts("2..5"), Ok(Parts(2, 5)));
        assert_eq!(parts("3"), Ok(Parts(3, 3)));
        assert!(parts("0..3").is_err() && parts("4..3").is_err() && parts("1..11").is_err() && parts("1..").is_err());
    }

    #[test]
    fn commands_win_over_files() {
        let parse = |words: &[&str]| Args::try_parse_from(words).unwrap().command;
        assert!(matches!(parse(&["nsp", "--json", "check", "a.nsp"]), Some(Command::Check(_))));
        assert!(matches!(parse(&["nsp", "./check", "--json", "-x"]), Some(Command::Script(w)) if w.len() == 3));
        assert!(matches!(parse(&["nsp", "-", "check"]), Some(Command::Script(w)) if w.len() == 2));
    }
}
