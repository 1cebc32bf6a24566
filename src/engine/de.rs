//! Values of the language to Rust values.

use super::convert::{ConvertError, MAX_DEPTH};
use crate::syntax::ast::Name;
use crate::types::Type;
use crate::vm::value::{Typed, Value};
use serde::de::{self, DeserializeOwned, DeserializeSeed, Visitor};

/// Converts a value to a Rust type.
pub(super) fn from_typed<T: DeserializeOwned>(t: &Typed) -> Result<T, ConvertError> {
    T::deserialize(De { v: &t.value, ty: &t.ty, depth: 0 })
}

/// Reads one value at this depth.
#[derive(Clone, Copy)]
struct De<'a> {
    v: &'a Value,
    ty: &'a Type,
    depth: usize,
}

impl<'a> De<'a> {
    fn wrong(&self, expected: &str) -> ConvertError {
        let found = match self.ty {
            Type::Var(_) => self.v.kind().to_string(),
            t => t.to_string(),
        };
        let e = ConvertError::kind(expected, found);
        match self.v {
            Value::Fn(_) => e.help("take a function with `Engine::function`"),
            Value::Obj(_) => e.help("take the value itself with `Engine::run` or `Engine::get_value`"),
            _ => e,
        }
    }

    fn part(&self, v: &'a Value, ty: &'a Type) -> Result<De<'a>, ConvertError> {
        if self.depth >= MAX_DEPTH {
            return Err(ConvertError::too_deep());
        }
        Ok(De { v, ty, depth: self.depth + 1 })
    }

    fn int<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        match self.v {
            Value::Int(i) => visitor.visit_i64(*i),
            _ => Err(self.wrong("int")),
        }
    }

    fn num<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        match self.v {
            Value::Num(x) => visitor.visit_f64(*x),
            Value::Int(i) => visitor.visit_f64(*i as f64),
            _ => Err(self.wrong("num")),
        }
    }

    fn text<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        match self.v {
            Value::Str(s) => visitor.visit_borrowed_str(s),
            _ => Err(self.wrong("str")),
        }
    }

    fn items(self, xs: &'a [Value]) -> Items<'a> {
        Items { whole: self, xs, next: 0 }
    }
}

/// Items of a list or parts of a tuple.
struct Items<'a> {
    whole: De<'a>,
    xs: &'a [Value],
    next: usize,
}

impl<'a> de::SeqAccess<'a> for Items<'a> {
    type Error = ConvertError;

    fn next_element_seed<T: DeserializeSeed<'a>>(&mut self, seed: T) -> Result<Option<T::Value>, ConvertError> {
        let i = self.next;
        let Some(v) = self.xs.get(i) else { return Ok(None) };
        let ty = match self.whole.ty {
            Type::List(t) => t,
            Type::Tuple(ts) => ts.get(i).unwrap_or(&Type::Unit),
            _ => &super::convert::OPEN,
        };
        self.next += 1;
        seed.deserialize(self.whole.part(v, ty)?).map(Some).map_err(|e| e.in_item(i))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.xs.len() - self.next)
    }
}

/// Fields of a record.
struct Fields<'a> {
    whole: De<'a>,
    names: &'a [(Name, Type)],
    xs: &'a [Value],
    next: usize,
}

impl<'a> de::MapAccess<'a> for Fields<'a> {
    type Error = ConvertError;

    fn next_key_seed<K: DeserializeSeed<'a>>(&mut self, seed: K) -> Result<Option<K::Value>, ConvertError> {
        let Some((name, _)) = self.names.get(self.next) else { return Ok(None) };
        seed.deserialize(de::value::BorrowedStrDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'a>>(&mut self, seed: T) -> Result<T::Value, ConvertError> {
        let (Some((name, ty)), Some(v)) = (self.names.get(self.next), self.xs.get(self.next)) else {
            return Err(ConvertError::other("a field without a value"));
        };
        self.next += 1;
        seed.deserialize(self.whole.part(v, ty)?).map_err(|e| e.in_field(name))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.xs.len() - self.next)
    }
}

macro_rules! ints {
    ($($name:ident)*) => {
        $(fn $name<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, ConvertError> {
            self.int(visitor)
        })*
    };
}

impl<'a> de::Deserializer<'a> for De<'a> {
    type Error = ConvertError;

    fn deserialize_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        match self.v {
            Value::Unit => visitor.visit_unit(),
            Value::Int(i) => visitor.visit_i64(*i),
            Value::Num(x) => visitor.visit_f64(*x),
            Value::Bool(b) => visitor.visit_bool(*b),
            Value::Str(s) => visitor.visit_borrowed_str(s),
            Value::Tuple(_) if matches!(self.ty, Type::Record(_)) => self.deserialize_map(visitor),
            Value::List(xs) | Value::Tuple(xs) => visitor.visit_seq(self.items(xs)),
            Value::Range(r) => visitor.visit_seq(de::value::SeqDeserializer::new([r.0, r.1].into_iter())),
            Value::Fn(_) | Value::Obj(_) => Err(self.wrong("plain data")),
        }
    }

    fn deserialize_bool<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        match self.v {
            Value::Bool(b) => visitor.visit_bool(*b),
            _ => Err(self.wrong("bool")),
        }
    }

    ints! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
    }

    fn deserialize_f32<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        self.num(visitor)
    }
    fn deserialize_f64<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        self.num(visitor)
    }
    fn deserialize_char<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        self.text(visitor)
    }
    fn deserialize_str<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        self.text(visitor)
    }
    fn deserialize_string<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        self.text(visitor)
    }
    fn deserialize_identifier<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        self.text(visitor)
    }
    fn deserialize_bytes<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        self.deserialize_byte_buf(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        let Value::List(xs) = self.v else { return Err(self.wrong("a list of bytes")) };
        let byte = |(i, x): (usize, &Value)| match x {
            Value::Int(b) => u8::try_from(*b).map_err(|_| ConvertError::kind("a byte", b.to_string()).in_item(i)),
            _ => Err(ConvertError::kind("a byte", x.kind()).in_item(i)),
        };
        visitor.visit_byte_buf(xs.iter().enumerate().map(byte).collect::<Result<_, _>>()?)
    }

    fn deserialize_option<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        match self.v {
            Value::Unit => visitor.visit_none(),
            Value::List(xs) => match xs.as_slice() {
                [] => visitor.visit_none(),
                [x] => {
                    let ty = if let Type::List(t) = self.ty { t } else { &super::convert::OPEN };
                    visitor.visit_some(self.part(x, ty)?)
                }
                _ => Err(ConvertError::kind("a list of no or one item", format!("{} items", xs.len()))),
            },
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_unit<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        match self.v {
            Value::Unit => visitor.visit_unit(),
            _ => Err(self.wrong("unit")),
        }
    }
    fn deserialize_unit_struct<V: Visitor<'a>>(self, _: &'static str, v: V) -> Result<V::Value, ConvertError> {
        self.deserialize_unit(v)
    }
    fn deserialize_newtype_struct<V: Visitor<'a>>(self, _: &'static str, v: V) -> Result<V::Value, ConvertError> {
        v.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        match self.v {
            Value::Tuple(_) if matches!(self.ty, Type::Record(_)) => Err(self.wrong("list")),
            Value::List(xs) | Value::Tuple(xs) => visitor.visit_seq(self.items(xs)),
            Value::Range(r) => visitor.visit_seq(de::value::SeqDeserializer::new([r.0, r.1].into_iter())),
            _ => Err(self.wrong("list")),
        }
    }

    fn deserialize_tuple<V: Visitor<'a>>(self, len: usize, visitor: V) -> Result<V::Value, ConvertError> {
        match self.v {
            Value::Tuple(_) if matches!(self.ty, Type::Record(_)) => Err(self.wrong("tuple")),
            Value::List(xs) | Value::Tuple(xs) if xs.len() != len => {
                Err(ConvertError::kind(format!("{len} items"), xs.len().to_string()))
            }
            Value::List(xs) | Value::Tuple(xs) => visitor.visit_seq(self.items(xs)),
            Value::Range(r) if len == 2 => visitor.visit_seq(de::value::SeqDeserializer::new([r.0, r.1].into_iter())),
            Value::Unit if len == 0 => visitor.visit_seq(self.items(&[])),
            _ => Err(self.wrong("tuple")),
        }
    }
    fn deserialize_tuple_struct<V: Visitor<'a>>(
        self,
        _: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, ConvertError> {
        self.deserialize_tuple(len, visitor)
    }

    fn deserialize_map<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        match (self.v, self.ty) {
            (Value::Tuple(xs), Type::Record(names)) => visitor.visit_map(Fields { whole: self, names, xs, next: 0 }),
            (Value::Unit, _) => visitor.visit_map(Fields { whole: self, names: &[], xs: &[], next: 0 }),
            _ => Err(self.wrong("record")),
        }
    }
    fn deserialize_struct<V: Visitor<'a>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ConvertError> {
        match self.v {
            Value::Range(_) if name == "Range" && fields.len() == 2 => self.deserialize_seq(visitor),
            _ => self.deserialize_map(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'a>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ConvertError> {
        match (self.v, self.ty) {
            (Value::Str(s), _) => visitor.visit_enum(de::value::BorrowedStrDeserializer::new(s)),
            (Value::Tuple(xs), Type::Record(names)) if xs.len() == 1 => {
                let fields = Fields { whole: self, names, xs, next: 0 };
                visitor.visit_enum(de::value::MapAccessDeserializer::new(fields))
            }
            _ => Err(self.wrong("str or a record of one field")),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, ConvertError> {
        visitor.visit_unit()
    }
}
