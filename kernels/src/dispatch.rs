//! The bodies of operations by opcode, over any number.

use crate::ops;
use crate::real::Real;
use crate::table::Opcode;
use crate::with_scalars;

macro_rules! by_name {
    (one: [$($one:ident)*] two: [$($two:ident)*] three: [$($three:ident)*]) => {
        /// The value; arguments beyond the operation's arity are not read.
        pub(crate) fn value<R: Real>(op: Opcode, [a, b, c]: [R; 3]) -> R {
            match op {
                $(Opcode::$one => ops::$one::value(a),)*
                $(Opcode::$two => ops::$two::value(a, b),)*
                $(Opcode::$three => ops::$three::value(a, b, c),)*
            }
        }

        /// The derivatives by the arguments at the value `y`; 0 beyond the operation's arity.
        pub(crate) fn slopes<R: Real>(op: Opcode, [a, b, c]: [R; 3], y: R) -> [R; 3] {
            let zero = R::lit(0.0);
            match op {
                $(Opcode::$one => [ops::$one::partial(a, y), zero, zero],)*
                $(Opcode::$two => {
                    let [da, db] = ops::$two::partial(a, b, y);
                    [da, db, zero]
                })*
                $(Opcode::$three => ops::$three::partial(a, b, c, y),)*
            }
        }
    };
}
with_scalars!(by_name);
