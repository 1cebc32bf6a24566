//! Rust values to values of the language, with the types that they have there.

use super::convert::{ConvertError, MAX_DEPTH, OPEN, fit, join, name_of};
use crate::syntax::ast::Name;
use crate::types::Type;
use crate::vm::value::{Typed, Value};
use serde::ser::{self, Serialize};
use std::sync::Arc;

type Out = Result<Typed, ConvertError>;

/// Converts a Rust value. Parts of its type may be open: the items of an empty list.
pub(super) fn to_typed<T: Serialize + ?Sized>(v: &T) -> Out {
    v.serialize(Ser { depth: 0 })
}

fn typed(value: Value, ty: Type) -> Out {
    Ok(Typed { value, ty })
}

/// Writes one value at this depth.
#[derive(Clone, Copy)]
struct Ser {
    depth: usize,
}

impl Ser {
    fn inner(self) -> Result<Ser, ConvertError> {
        if self.depth >= MAX_DEPTH { Err(ConvertError::too_deep()) } else { Ok(Ser { depth: self.depth + 1 }) }
    }

    fn wide<I: Copy + TryInto<i64> + std::fmt::Display>(i: I) -> Out {
        match i.try_into() {
            Ok(i) => typed(Value::Int(i), Type::Int),
            Err(_) => Err(ConvertError::other(format!("the number {i} does not fit an int"))),
        }
    }
}

/// A record from its fields, in any order.
fn record(mut fields: Vec<(Name, Typed)>) -> Out {
    if fields.is_empty() {
        return typed(Value::Unit, Type::Unit);
    }
    fields.sort_by(|a, b| a.0.cmp(&b.0));
    if let Some(w) = fields.windows(2).find(|w| w[0].0 == w[1].0) {
        return Err(ConvertError::other(format!("the field `{}` twice", w[0].0)));
    }
    let (types, values) = fields.into_iter().map(|(n, t)| ((n, t.ty), t.value)).unzip();
    typed(Value::tuple(values), Type::record(types))
}

fn tuple(parts: Vec<Typed>) -> Out {
    if parts.is_empty() {
        return typed(Value::Unit, Type::Unit);
    }
    let (values, types) = parts.into_iter().map(|t| (t.value, t.ty)).unzip();
    typed(Value::tuple(values), Type::tuple(types))
}

/// An enum's variant with content: a record of one field.
fn variant(name: &str, content: Out) -> Out {
    record(vec![(name.into(), content.map_err(|e| e.in_field(name))?)])
}

impl ser::Serializer for Ser {
    type Ok = Typed;
    type Error = ConvertError;
    type SerializeSeq = Items;
    type SerializeTuple = Parts;
    type SerializeTupleStruct = Parts;
    type SerializeTupleVariant = Parts;
    type SerializeMap = Fields;
    type SerializeStruct = Fields;
    type SerializeStructVariant = Fields;

    fn serialize_bool(self, v: bool) -> Out {
        typed(Value::Bool(v), Type::Bool)
    }
    fn serialize_i8(self, v: i8) -> Out {
        Ser::wide(v)
    }
    fn serialize_i16(self, v: i16) -> Out {
        Ser::wide(v)
    }
    fn serialize_i32(self, v: i32) -> Out {
        Ser::wide(v)
    }
    fn serialize_i64(self, v: i64) -> Out {
        Ser::wide(v)
    }
    fn serialize_i128(self, v: i128) -> Out {
        Ser::wide(v)
    }
    fn serialize_u8(self, v: u8) -> Out {
        Ser::wide(v)
    }
    fn serialize_u16(self, v: u16) -> Out {
        Ser::wide(v)
    }
    fn serialize_u32(self, v: u32) -> Out {
        Ser::wide(v)
    }
    fn serialize_u64(self, v: u64) -> Out {
        Ser::wide(v)
    }
    fn serialize_u128(self, v: u128) -> Out {
        Ser::wide(v)
    }
    fn serialize_f32(self, v: f32) -> Out {
        typed(Value::Num(v.into()), Type::Num)
    }
    fn serialize_f64(self, v: f64) -> Out {
        typed(Value::Num(v), Type::Num)
    }
    fn serialize_char(self, v: char) -> Out {
        typed(Value::str(v), Type::Str)
    }
    fn serialize_str(self, v: &str) -> Out {
        typed(Value::str(v), Type::Str)
    }
    fn serialize_bytes(self, v: &[u8]) -> Out {
        typed(Value::list(v.iter().map(|&b| Value::Int(b.into())).collect()), Type::list(Type::Int))
    }
    fn serialize_none(self) -> Out {
        typed(Value::list(Vec::new()), Type::list(OPEN))
    }
    fn serialize_some<T: Serialize + ?Sized>(self, v: &T) -> Out {
        let t = v.serialize(self.inner()?)?;
        typed(Value::list(vec![t.value]), Type::list(t.ty))
    }
    fn serialize_unit(self) -> Out {
        typed(Value::Unit, Type::Unit)
    }
    fn serialize_unit_struct(self, _: &'static str) -> Out {
        self.serialize_unit()
    }
    fn serialize_unit_variant(self, _: &'static str, _: u32, name: &'static str) -> Out {
        self.serialize_str(name)
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, v: &T) -> Out {
        v.serialize(self.inner()?)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        v: &T,
    ) -> Out {
        variant(name, v.serialize(self.inner()?))
    }
    fn serialize_seq(self, len: Option<usize>) -> Result<Items, ConvertError> {
        // The length is a hint from foreign code: no more is reserved on its word than is cheap.
        let items = Vec::with_capacity(len.unwrap_or(0).min(4096));
        Ok(Items { ser: self.inner()?, items, ty: OPEN })
    }
    fn serialize_tuple(self, _: usize) -> Result<Parts, ConvertError> {
        Ok(Parts { ser: self.inner()?, parts: Vec::new(), variant: None })
    }
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Parts, ConvertError> {
        self.serialize_tuple(0)
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Parts, ConvertError> {
        Ok(Parts { ser: self.inner()?, parts: Vec::new(), variant: Some(name) })
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Fields, ConvertError> {
        Ok(Fields { ser: self.inner()?, fields: Vec::new(), key: None, range: false, variant: None })
    }
    fn serialize_struct(self, name: &'static str, len: usize) -> Result<Fields, ConvertError> {
        let range = name == "Range" && len == 2;
        Ok(Fields { ser: self.inner()?, fields: Vec::new(), key: None, range, variant: None })
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Fields, ConvertError> {
        Ok(Fields { ser: self.inner()?, fields: Vec::new(), key: None, range: false, variant: Some(name) })
    }
}

/// A list on its way. All items get one type, the join of theirs.
struct Items {
    ser: Ser,
    items: Vec<Value>,
    ty: Type,
}

impl ser::SerializeSeq for Items {
    type Ok = Typed;
    type Error = ConvertError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, v: &T) -> Result<(), ConvertError> {
        let i = self.items.len();
        let item = v.serialize(self.ser).map_err(|e| e.in_item(i))?;
        if item.ty == self.ty {
            self.items.push(item.value);
            return Ok(());
        }
        let Some(ty) = join(&self.ty, &item.ty) else {
            let e = ConvertError::kind(name_of(&self.ty), name_of(&item.ty));
            return Err(e.in_item(i).help("the items of a list have one type"));
        };
        if ty != self.ty {
            for x in &mut self.items {
                *x = fit(std::mem::take(x), &self.ty, &ty)?;
            }
        }
        self.items.push(fit(item.value, &item.ty, &ty)?);
        self.ty = ty;
        Ok(())
    }

    fn end(self) -> Out {
        typed(Value::list(self.items), Type::list(self.ty))
    }
}

/// A tuple on its way.
struct Parts {
    ser: Ser,
    parts: Vec<Typed>,
    variant: Option<&'static str>,
}

impl Parts {
    fn add<T: Serialize + ?Sized>(&mut self, v: &T) -> Result<(), ConvertError> {
        let i = self.parts.len();
        self.parts.push(v.serialize(self.ser).map_err(|e| e.in_item(i))?);
        Ok(())
    }

    fn finish(self) -> Out {
        match self.variant {
            Some(name) => variant(name, tuple(self.parts)),
            None => tuple(self.parts),
        }
    }
}

impl ser::SerializeTuple for Parts {
    type Ok = Typed;
    type Error = ConvertError;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, v: &T) -> Result<(), ConvertError> {
        self.add(v)
    }
    fn end(self) -> Out {
        self.finish()
    }
}

impl ser::SerializeTupleStruct for Parts {
    type Ok = Typed;
    type Error = ConvertError;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, v: &T) -> Result<(), ConvertError> {
        self.add(v)
    }
    fn end(self) -> Out {
        self.finish()
    }
}

impl ser::SerializeTupleVariant for Parts {
    type Ok = Typed;
    type Error = ConvertError;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, v: &T) -> Result<(), ConvertError> {
        self.add(v)
    }
    fn end(self) -> Out {
        self.finish()
    }
}

/// A record on its way.
struct Fields {
    ser: Ser,
    fields: Vec<(Name, Typed)>,
    key: Option<Name>,
    /// Whether it may be a Rust `Range` of ints, a range of the language.
    range: bool,
    variant: Option<&'static str>,
}

impl Fields {
    fn add<T: Serialize + ?Sized>(&mut self, name: Name, v: &T) -> Result<(), ConvertError> {
        let t = v.serialize(self.ser).map_err(|e| e.in_field(&name))?;
        self.fields.push((name, t));
        Ok(())
    }

    fn finish(self) -> Out {
        if self.range
            && let [(_, Typed { value: Value::Int(lo), .. }), (_, Typed { value: Value::Int(hi), .. })] =
                self.fields.as_slice()
        {
            return typed(Value::Range(Arc::new((*lo, *hi))), Type::Range);
        }
        match self.variant {
            Some(name) => variant(name, record(self.fields)),
            None => record(self.fields),
        }
    }
}

impl ser::SerializeStruct for Fields {
    type Ok = Typed;
    type Error = ConvertError;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, v: &T) -> Result<(), ConvertError> {
        self.add(name.into(), v)
    }
    fn end(self) -> Out {
        self.finish()
    }
}

impl ser::SerializeStructVariant for Fields {
    type Ok = Typed;
    type Error = ConvertError;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, v: &T) -> Result<(), ConvertError> {
        self.add(name.into(), v)
    }
    fn end(self) -> Out {
        self.finish()
    }
}

impl ser::SerializeMap for Fields {
    type Ok = Typed;
    type Error = ConvertError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), ConvertError> {
        match key.serialize(self.ser)? {
            Typed { value: Value::Str(s), .. } => self.key = Some(s.as_str().into()),
            other => {
                let e = ConvertError::kind("text as a map's key", other.ty.to_string());
                return Err(e.help("a map becomes a record; give other maps as lists of pairs"));
            }
        }
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, v: &T) -> Result<(), ConvertError> {
        let name = self.key.take().ok_or_else(|| ConvertError::other("a map's value without its key"))?;
        self.add(name, v)
    }

    fn end(self) -> Out {
        self.finish()
    }
}
