//! Rust functions and types that programs can use.
//!
//! A function's signature in the language is made from its Rust types: [`HostArg`] for what it takes, [`HostRet`] for
//! what it gives. Which of the ways to take an argument a closure uses (owned, `&str`, `&T` of a host type) is told
//! apart by marker types, one for each position, so that a plain closure needs no annotation but that of its
//! parameters.

use crate::builtins::Native;
use crate::raster::image::Image;
use crate::types::Type;
use crate::vm::ctx::Ctx;
use crate::vm::limits::Fail;
use crate::vm::value::{Object, Seen, Value};
use std::any::Any;
use std::fmt::{Debug, Display};
use std::marker::PhantomData;
use std::ops::Range;
use std::sync::Arc;

/// A Rust type whose values programs can hold, pass on and compare, but not look into.
///
/// ```
/// #[derive(Debug, Clone, PartialEq)]
/// struct Money { cents: i64 }
///
/// impl nsp::HostType for Money {
///     const NAME: &'static str = "money";
///     fn show(&self) -> String { format!("{}.{:02}", self.cents / 100, self.cents % 100) }
/// }
///
/// let mut nsp = nsp::Engine::new();
/// nsp.register_type::<Money>();
/// nsp.register("money", |cents: i64| Money { cents });
/// nsp.register("plus", |a: &Money, b: &Money| Money { cents: a.cents + b.cents });
/// nsp.register("cents", |m: &Money| m.cents);
/// assert_eq!(nsp.eval::<i64>("money(150) |> plus(money(275)) |> cents")?, 425);
/// # Ok::<(), nsp::Error>(())
/// ```
pub trait HostType: Any + Debug + PartialEq + Send + Sync {
    /// Its name in programs. Not a single capital letter: those are type variables.
    const NAME: &'static str;

    /// As shown to a person. Must not recurse deeply.
    fn show(&self) -> String {
        format!("{self:?}")
    }

    /// Bytes of memory held, for the bound on memory. Count what lies behind pointers.
    fn bytes(&self) -> usize {
        size_of_val(self)
    }

    /// The value that holds it.
    fn into_object(self) -> Value
    where
        Self: Sized,
    {
        Value::obj(Host(self))
    }

    /// The one inside a value, if it is of this type.
    fn from_object(v: &Value) -> Option<&Self>
    where
        Self: Sized,
    {
        v.downcast::<Host<Self>>().map(|h| &h.0)
    }
}

/// Holds a host's value among those of the language.
#[derive(Debug)]
struct Host<T>(T);

impl<T: HostType> Object for Host<T> {
    fn type_name(&self) -> &str {
        T::NAME
    }
    fn show(&self) -> String {
        self.0.show()
    }
    fn same(&self, other: &dyn Object) -> bool {
        other.as_any().downcast_ref::<Host<T>>().is_some_and(|o| o.0 == self.0)
    }
    fn bytes(&self, _: &mut Seen) -> usize {
        self.0.bytes()
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The language's own pictures go in and out of host functions like a host's types.
impl HostType for Image {
    const NAME: &'static str = "image";
    fn into_object(self) -> Value {
        Value::obj(self)
    }
    fn from_object(v: &Value) -> Option<&Image> {
        v.downcast()
    }
}

/// A Rust type that an argument can be taken as.
pub trait HostArg: Sized {
    /// The type in the language.
    fn arg_type() -> Type;
    /// Reads an argument. The checker has seen to the type; what is left to refuse is a number out of range.
    fn from_value(v: &Value) -> Result<Self, Fail>;
}

/// A Rust type that a host function can give: all that can be taken, and `Result<T, E>`, whose error ends the program
/// with a message at the place of the call.
pub trait HostRet {
    /// The type in the language.
    fn ret_type() -> Type;
    /// The value, or why there is none.
    fn give(self) -> Result<Value, Fail>;
}

impl<T: HostRet, E: Display> HostRet for Result<T, E> {
    fn ret_type() -> Type {
        T::ret_type()
    }
    fn give(self) -> Result<Value, Fail> {
        self.map_err(|e| Fail::from(e.to_string()))?.give()
    }
}

fn wrong(v: &Value, want: &str) -> Fail {
    Fail::from(format!("expected {want}, found {}", v.kind()))
}

macro_rules! plain {
    ($($t:ty, $ty:expr, $pat:pat => $get:expr, $x:ident => $put:expr;)*) => {
        $(
            impl HostArg for $t {
                fn arg_type() -> Type { $ty }
                fn from_value(v: &Value) -> Result<$t, Fail> {
                    match v { $pat => Ok($get), _ => Err(wrong(v, &<$t as HostArg>::arg_type().to_string())) }
                }
            }
            impl HostRet for $t {
                fn ret_type() -> Type { $ty }
                fn give(self) -> Result<Value, Fail> { let $x = self; Ok($put) }
            }
        )*
    };
}

plain! {
    (), Type::Unit, Value::Unit => (), _x => Value::Unit;
    bool, Type::Bool, Value::Bool(b) => *b, b => Value::Bool(b);
    i64, Type::Int, Value::Int(i) => *i, i => Value::Int(i);
    f64, Type::Num, Value::Num(x) => *x, x => Value::Num(x);
    f32, Type::Num, Value::Num(x) => *x as f32, x => Value::Num(x.into());
    String, Type::Str, Value::Str(s) => s.as_str().to_string(), s => Value::str(s);
    Range<i64>, Type::Range, Value::Range(r) => r.0..r.1, r => Value::Range(Arc::new((r.start, r.end)));
}

macro_rules! narrow {
    ($($t:ty)*) => {
        $(
            impl HostArg for $t {
                fn arg_type() -> Type { Type::Int }
                fn from_value(v: &Value) -> Result<$t, Fail> {
                    let i = i64::from_value(v)?;
                    let range = || format!("{i} is not in {}..={}", <$t>::MIN, <$t>::MAX);
                    <$t>::try_from(i).map_err(|_| Fail::from(range()))
                }
            }
            impl HostRet for $t {
                fn ret_type() -> Type { Type::Int }
                fn give(self) -> Result<Value, Fail> {
                    let i = i64::try_from(self).map_err(|_| Fail::from(format!("{self} does not fit an int")))?;
                    Ok(Value::Int(i))
                }
            }
        )*
    };
}

narrow! { i8 i16 i32 u8 u16 u32 u64 usize isize }

impl HostRet for &'static str {
    fn ret_type() -> Type {
        Type::Str
    }
    fn give(self) -> Result<Value, Fail> {
        Ok(Value::str(self))
    }
}

impl<T: HostArg> HostArg for Vec<T> {
    fn arg_type() -> Type {
        Type::list(T::arg_type())
    }
    fn from_value(v: &Value) -> Result<Vec<T>, Fail> {
        let Value::List(xs) = v else { return Err(wrong(v, "list")) };
        xs.iter().map(T::from_value).collect()
    }
}

impl<T: HostRet> HostRet for Vec<T> {
    fn ret_type() -> Type {
        Type::list(T::ret_type())
    }
    fn give(self) -> Result<Value, Fail> {
        Ok(Value::list(self.into_iter().map(T::give).collect::<Result<_, _>>()?))
    }
}

/// A list of no or one item.
impl<T: HostArg> HostArg for Option<T> {
    fn arg_type() -> Type {
        Type::list(T::arg_type())
    }
    fn from_value(v: &Value) -> Result<Option<T>, Fail> {
        match v {
            Value::List(xs) if xs.len() < 2 => xs.first().map(T::from_value).transpose(),
            Value::List(xs) => Err(Fail::from(format!("expected no or one item, found {}", xs.len()))),
            _ => Err(wrong(v, "list")),
        }
    }
}

/// A list of no or one item.
impl<T: HostRet> HostRet for Option<T> {
    fn ret_type() -> Type {
        Type::list(T::ret_type())
    }
    fn give(self) -> Result<Value, Fail> {
        Ok(Value::list(self.into_iter().map(T::give).collect::<Result<_, _>>()?))
    }
}

impl<T: HostType + Clone> HostArg for T {
    fn arg_type() -> Type {
        Type::con(T::NAME)
    }
    fn from_value(v: &Value) -> Result<T, Fail> {
        T::from_object(v).cloned().ok_or_else(|| wrong(v, T::NAME))
    }
}

impl<T: HostType> HostRet for T {
    fn ret_type() -> Type {
        Type::con(T::NAME)
    }
    fn give(self) -> Result<Value, Fail> {
        Ok(self.into_object())
    }
}

macro_rules! tuples {
    ($($t:ident $i:tt),*) => {
        impl<$($t: HostArg),*> HostArg for ($($t,)*) {
            fn arg_type() -> Type { Type::tuple(vec![$($t::arg_type()),*]) }
            fn from_value(v: &Value) -> Result<Self, Fail> {
                let Value::Tuple(xs) = v else { return Err(wrong(v, "tuple")) };
                Ok(($($t::from_value(xs.get($i).unwrap_or(&Value::Unit))?,)*))
            }
        }
        impl<$($t: HostRet),*> HostRet for ($($t,)*) {
            fn ret_type() -> Type { Type::tuple(vec![$($t::ret_type()),*]) }
            fn give(self) -> Result<Value, Fail> { Ok(Value::tuple(vec![$(self.$i.give()?),*])) }
        }
        impl<$($t: HostArg),*> HostParams for ($($t,)*) {
            fn types() -> Vec<Type> { vec![$($t::arg_type()),*] }
        }
    };
}

tuples!(A 0);
tuples!(A 0, B 1);
tuples!(A 0, B 1, C 2);
tuples!(A 0, B 1, C 2, D 3);
tuples!(A 0, B 1, C 2, D 3, E 4);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5);

/// Parameter types written as a tuple of Rust types, for [`Engine::function_for`](crate::Engine::function_for).
pub trait HostParams {
    /// The types in the language.
    fn types() -> Vec<Type>;
}

impl HostParams for () {
    fn types() -> Vec<Type> {
        Vec::new()
    }
}

/// A Rust function that can be registered: of up to 6 parameters that are owned, up to 4 of which any may be `&str` or
/// a reference to a host type. `M` tells the ways apart and is always inferred.
pub trait HostFn<M>: Send + Sync + 'static {
    /// The signature in the notation of the language.
    fn signature() -> String;
    /// The function as a builtin's body.
    fn native(self) -> Native;
}

/// Marks a parameter taken as a value.
pub struct Own<T>(PhantomData<T>);
/// Marks a parameter taken as `&str`.
pub struct Text;
/// Marks a parameter taken as a reference to a host type.
pub struct Ref<T>(PhantomData<T>);

trait Take {
    type As<'a>;
    fn ty() -> Type;
    fn take(v: &Value) -> Result<Self::As<'_>, Fail>;
}

impl<T: HostArg> Take for Own<T> {
    type As<'a> = T;
    fn ty() -> Type {
        T::arg_type()
    }
    fn take(v: &Value) -> Result<T, Fail> {
        T::from_value(v)
    }
}

impl Take for Text {
    type As<'a> = &'a str;
    fn ty() -> Type {
        Type::Str
    }
    fn take(v: &Value) -> Result<&str, Fail> {
        if let Value::Str(s) = v { Ok(s) } else { Err(wrong(v, "str")) }
    }
}

impl<T: HostType> Take for Ref<T> {
    type As<'a> = &'a T;
    fn ty() -> Type {
        Type::con(T::NAME)
    }
    fn take(v: &Value) -> Result<&T, Fail> {
        T::from_object(v).ok_or_else(|| wrong(v, T::NAME))
    }
}

/// `(a: int, b: str) -> num`
fn signature(params: &[Type], ret: &Type) -> String {
    let params: Vec<String> = params.iter().zip('a'..='z').map(|(t, name)| format!("{name}: {t}")).collect();
    format!("({}) -> {ret}", params.join(", "))
}

fn next<'v>(args: &mut std::slice::Iter<'v, Value>) -> Result<&'v Value, Fail> {
    args.next().ok_or_else(|| Fail::from("too few arguments"))
}

/// What a host function made counts as the program's from here on.
fn charged(cx: &mut Ctx<'_>, v: Value) -> Result<Value, Fail> {
    let bytes = match &v {
        Value::Str(s) => s.len(),
        Value::List(xs) | Value::Tuple(xs) => xs.len() * size_of::<Value>(),
        Value::Obj(o) => o.bytes(&mut Seen::default()),
        _ => 0,
    };
    cx.charge(bytes)?;
    Ok(v)
}

/// One impl of [`HostFn`] for each way to take each parameter.
macro_rules! functions {
    ([$($g:tt)*] [$($m:ty,)*] [$($a:ty,)*] [$($n:ident,)*]) => {
        impl<Fun, Out, $($g)*> HostFn<(Out, $($m,)*)> for Fun
        where
            Fun: Fn($($a),*) -> Out + Send + Sync + 'static,
            Out: HostRet,
        {
            fn signature() -> String {
                signature(&[$(<$m as Take>::ty()),*], &Out::ret_type())
            }
            fn native(self) -> Native {
                #[allow(unused_variables, unused_mut)] // without parameters
                Arc::new(move |cx, args| {
                    let mut args = args.iter();
                    $(let $n = <$m as Take>::take(next(&mut args)?)?;)*
                    let v = self($($n),*).give()?;
                    charged(cx, v)
                })
            }
        }
    };
    ([$($g:tt)*] [$($m:ty,)*] [$($a:ty,)*] [$($n:ident,)*] $t:ident $v:ident $($rest:ident)*) => {
        functions!([$($g)* $t: HostArg,] [$($m,)* Own<$t>,] [$($a,)* $t,] [$($n,)* $v,] $($rest)*);
        functions!([$($g)*] [$($m,)* Text,] [$($a,)* &str,] [$($n,)* $v,] $($rest)*);
        functions!([$($g)* $t: HostType,] [$($m,)* Ref<$t>,] [$($a,)* &$t,] [$($n,)* $v,] $($rest)*);
    };
}

functions!([] [] [] []);
functions!([] [] [] [] A a);
functions!([] [] [] [] A a B b);
functions!([] [] [] [] A a B b C c);
functions!([] [] [] [] A a B b C c D d);
functions!([A: HostArg, B: HostArg, C: HostArg, D: HostArg, E: HostArg,]
    [Own<A>, Own<B>, Own<C>, Own<D>, Own<E>,] [A, B, C, D, E,] [a, b, c, d, e,]);
functions!([A: HostArg, B: HostArg, C: HostArg, D: HostArg, E: HostArg, F: HostArg,]
    [Own<A>, Own<B>, Own<C>, Own<D>, Own<E>, Own<F>,] [A, B, C, D, E, F,] [a, b, c, d, e, f,]);
