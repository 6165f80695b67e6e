//! A plan as a mapping of Python's, in place of its text.
//!
//! It becomes TOML, and that is read as any plan is: so the same words refuse the same
//! faults. Lines and columns of a text that nobody wrote are left out; paths say where.

use kobling::Plan;
use kobling::plan::Finding;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};
use toml::{Table, Value};

use crate::failure::Failure;

/// How deep a plan is nested at most, with some to spare: a list may hold itself.
const MOST_DEPTH: usize = 32;

/// The plan that `mapping` holds.
pub(crate) fn read(mapping: &Bound<'_, PyDict>) -> Result<Plan, Failure> {
    let table = table(mapping, &mut Vec::new())?;
    let text = toml::to_string(&table)
        .map_err(|_| PyValueError::new_err("the mapping is nothing that TOML can hold"))?;
    Plan::parse(&text).map_err(|findings| {
        let findings = findings.as_slice().iter().cloned();
        let findings = findings.map(|mut finding| {
            (finding.line, finding.column) = (None, None);
            finding
        });
        let findings: Vec<Finding> = findings.collect();
        Failure::Findings {
            plan: None,
            findings,
        }
    })
}

fn table(mapping: &Bound<'_, PyDict>, path: &mut Vec<String>) -> PyResult<Table> {
    let mut table = Table::new();
    for (key, item) in mapping.iter() {
        let Ok(key) = key.cast::<PyString>() else {
            return Err(refused(path, "a key is no str"));
        };
        let key = key.extract::<String>()?;
        path.push(key.clone());
        let item = value(&item, path)?;
        path.pop();
        table.insert(key, item);
    }
    Ok(table)
}

fn value(item: &Bound<'_, PyAny>, path: &mut Vec<String>) -> PyResult<Value> {
    if path.len() > MOST_DEPTH {
        return Err(refused(path, "is nested deeper than any plan"));
    }
    // A bool is an int, too.
    if let Ok(item) = item.cast::<PyBool>() {
        return Ok(Value::Boolean(item.is_true()));
    }
    if let Ok(item) = item.cast::<PyString>() {
        return Ok(Value::String(item.extract()?));
    }
    if let Ok(item) = item.cast::<PyInt>() {
        let item: i64 = item
            .extract()
            .map_err(|_| refused(path, "is too large a number"))?;
        return Ok(Value::Integer(item));
    }
    if let Ok(item) = item.cast::<PyFloat>() {
        return Ok(Value::Float(item.extract()?));
    }
    if let Ok(item) = item.cast::<PyDict>() {
        return table(item, path).map(Value::Table);
    }
    if item.is_instance_of::<PyList>() || item.is_instance_of::<PyTuple>() {
        let mut list = Vec::new();
        for (at, item) in item.try_iter()?.enumerate() {
            path.push(at.to_string());
            list.push(value(&item?, path)?);
            path.pop();
        }
        return Ok(Value::Array(list));
    }
    // A date and no datetime, which is a date, too.
    if item.hasattr("isoformat")? && !item.hasattr("hour")? {
        let text: String = item.call_method0("isoformat")?.extract()?;
        let day = text.parse().map_err(|_| refused(path, "is no day"))?;
        return Ok(Value::Datetime(day));
    }
    let kind = item.get_type().name()?;
    Err(refused(path, &format!("is {kind}, which no plan holds")))
}

fn refused(path: &[String], rule: &str) -> PyErr {
    PyTypeError::new_err(format!("{}: {rule}", path.join(".")))
}
