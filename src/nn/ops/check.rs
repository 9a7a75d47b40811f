//! Operations held against central finite differences, and against [`crate::nn::reference`].

#![cfg(test)]

use candle_core::backprop::GradStore;
use candle_core::{Device, Result, Tensor, Var};

use crate::random;

/// A variable with normal elements.
pub fn normal(shape: &[usize], seed: u64) -> Var {
    let draws = random::normal(&mut random::stream(seed, "check", 0), shape.iter().product());
    Var::from_tensor(&Tensor::from_vec(draws, shape, &Device::Cpu).unwrap()).unwrap()
}

/// Asserts that the gradient of sum(weights * f()) in every variable equals its central difference, at up to 24
/// elements of each. `tolerance` is relative to the largest gradient of the variable.
pub fn gradients(variables: &[&Var], tolerance: f32, f: impl Fn() -> Result<Tensor>) {
    gradients_with(1e-2, variables, tolerance, f);
}

/// `gradients` with the step `h` of the differences: small where the function has many kinks.
pub fn gradients_with(h: f32, variables: &[&Var], tolerance: f32, f: impl Fn() -> Result<Tensor>) {
    gradients_by(h, variables, tolerance, f, Tensor::backward);
}

/// `gradients_with` where the gradients come from `backward`.
pub fn gradients_by(
    h: f32,
    variables: &[&Var],
    tolerance: f32,
    f: impl Fn() -> Result<Tensor>,
    backward: impl Fn(&Tensor) -> Result<GradStore>,
) {
    differences(h, variables, tolerance, &f, &f, backward);
}

/// `gradients_by` where the gradients are those of `rounded`, which computes `f` in less precision: differences of its own
/// values would show little but their rounding.
pub fn rounded_gradients(
    h: f32,
    variables: &[&Var],
    tolerance: f32,
    f: impl Fn() -> Result<Tensor>,
    rounded: impl Fn() -> Result<Tensor>,
    backward: impl Fn(&Tensor) -> Result<GradStore>,
) {
    differences(h, variables, tolerance, &f, &rounded, backward);
}

fn differences(
    h: f32,
    variables: &[&Var],
    tolerance: f32,
    f: &dyn Fn() -> Result<Tensor>,
    differentiated: &dyn Fn() -> Result<Tensor>,
    backward: impl Fn(&Tensor) -> Result<GradStore>,
) {
    crate::nn::threads::prepare();
    let weights = normal(f().unwrap().dims(), 999).as_detached_tensor();
    let weighted = |value: Tensor| (value * &weights).unwrap().sum_all().unwrap();
    let loss = || weighted(f().unwrap());
    let grads = backward(&weighted(differentiated().unwrap())).unwrap();
    for (i, var) in variables.iter().enumerate() {
        let grad = grads.get(var).unwrap_or_else(|| panic!("variable {i} has no gradient"));
        let grad: Vec<f32> = grad.flatten_all().unwrap().to_vec1().unwrap();
        let values: Vec<f32> = var.flatten_all().unwrap().to_vec1().unwrap();
        let scale = grad.iter().fold(1e-3f32, |m, g| m.max(g.abs()));
        let stride = values.len().div_ceil(24);
        for k in (0..values.len()).step_by(stride) {
            let at = |delta: f32| {
                let mut moved = values.clone();
                moved[k] += delta;
                var.set(&Tensor::from_vec(moved, var.dims(), &Device::Cpu).unwrap()).unwrap();
                f64::from(loss().to_scalar::<f32>().unwrap())
            };
            let difference = ((at(h) - at(-h)) / (2.0 * f64::from(h))) as f32;
            at(0.0);
            assert!(
                (difference - grad[k]).abs() <= tolerance * scale,
                "variable {i}, element {k}: difference {difference}, gradient {}",
                grad[k]
            );
        }
    }
}

/// Asserts that `f` and `reference` agree: their values, and the gradients of sum(weights * value) in every variable.
/// `tolerance` is relative to the largest element of each.
pub fn reference(
    variables: &[&Var],
    tolerance: f32,
    f: impl Fn() -> Result<Tensor>,
    reference: impl Fn() -> Result<Tensor>,
) {
    reference_by(variables, tolerance, f, reference, Tensor::backward);
}

/// `reference` where the gradients of `f` come from `backward`.
pub fn reference_by(
    variables: &[&Var],
    tolerance: f32,
    f: impl Fn() -> Result<Tensor>,
    reference: impl Fn() -> Result<Tensor>,
    backward: impl Fn(&Tensor) -> Result<GradStore>,
) {
    crate::nn::threads::prepare();
    let (fused, plain) = (f().unwrap(), reference().unwrap());
    assert_same("value", &fused, &plain, tolerance);
    let weights = normal(plain.dims(), 999).as_detached_tensor();
    let loss = |value: &Tensor| (value * &weights).unwrap().sum_all().unwrap();
    let (fused, plain) = (backward(&loss(&fused)).unwrap(), loss(&plain).backward().unwrap());
    for (i, var) in variables.iter().enumerate() {
        let of = |grads: &GradStore| grads.get(var).cloned().unwrap_or_else(|| panic!("variable {i} has no gradient"));
        assert_same(&format!("gradient {i}"), &of(&fused), &of(&plain), tolerance);
    }
}

fn assert_same(what: &str, fused: &Tensor, plain: &Tensor, tolerance: f32) {
    assert_eq!(fused.dims(), plain.dims(), "shape of the {what}");
    let [fused, plain] = [fused, plain].map(|tensor| tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap());
    let scale = plain.iter().fold(1e-3f32, |scale, x| scale.max(x.abs()));
    for (k, (fused, plain)) in fused.iter().zip(&plain).enumerate() {
        let close = (fused - plain).abs() <= tolerance * scale;
        assert!(close, "{what}, element {k}: fused {fused}, plain {plain}, largest {scale}");
    }
}
