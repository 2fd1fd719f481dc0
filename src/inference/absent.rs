//! A build without the feature `onnx`: the same face, and an error that says so.

use super::{ModelError, Tensor, files};

/// A model that cannot be opened in this build.
pub struct Model(std::convert::Infallible);

impl Model {
    /// Never opens. Errors: those of [`read`](super::read), else that this build has no runtime.
    pub fn load(name: &str, has: &[(&str, u32)]) -> Result<Self, ModelError> {
        files::read(name, has)?;
        Err(ModelError::Runtime { name: name.into(), what: "this program was built without the feature `onnx`".into() })
    }

    /// Nothing to run.
    pub fn run(&mut self, _inputs: &[(&str, &[usize], Vec<f32>)]) -> Result<Vec<(String, Tensor)>, ModelError> {
        match self.0 {}
    }
}
