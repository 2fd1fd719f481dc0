//! An ONNX model, opened and ready to run.

use super::{ModelError, Tensor, files, runtime};
use ort::session::Session;
use ort::session::builder::GraphOptimizationLevel;

/// An opened model. It computes on the calling thread.
pub struct Model {
    name: String,
    session: Session,
}

impl Model {
    /// Opens the model `name` of the manifest. `has` are the versions that the caller works with, as for
    /// [`read`](super::read). Errors: those of `read`; the runtime is absent or refuses the model.
    pub fn load(name: &str, has: &[(&str, u32)]) -> Result<Self, ModelError> {
        Self::open(name, &files::read(name, has)?)
    }

    fn open(name: &str, onnx: &[u8]) -> Result<Self, ModelError> {
        let environment = runtime::environment()?;
        let session = || -> ort::Result<Session> {
            Session::builder(environment)?
                .with_optimization_level(GraphOptimizationLevel::Level3)?
                .with_intra_threads(1)?
                .commit_from_memory(onnx)
        };
        Ok(Self { session: session().map_err(|error| runtime_says(name, error))?, name: name.into() })
    }

    /// Runs the model on named inputs; outputs in the model's order, by name. Errors: an input that the model does not
    /// have, a shape that it does not take.
    pub fn run(&mut self, inputs: &[(&str, &[usize], Vec<f32>)]) -> Result<Vec<(String, Tensor)>, ModelError> {
        let name = &self.name;
        let says = |error| runtime_says(name, error);
        let mut values = Vec::with_capacity(inputs.len());
        for (input, shape, numbers) in inputs {
            let value = ort::value::Tensor::from_array((*shape, numbers.clone())).map_err(says)?;
            values.push((input.to_string(), value));
        }
        let outputs = self.session.run(values).map_err(says)?;
        let tensor = |(output, value): (&str, ort::value::ValueRef<'_>)| {
            let (shape, numbers) = value.try_extract_tensor::<f32>().map_err(says)?;
            let shape = shape.iter().map(|&length| length as usize).collect();
            Ok((output.to_owned(), Tensor { shape, values: numbers.to_vec() }))
        };
        outputs.iter().map(tensor).collect()
    }
}

fn runtime_says(name: &str, error: impl std::fmt::Display) -> ModelError {
    ModelError::Runtime { name: name.into(), what: error.to_string() }
}
