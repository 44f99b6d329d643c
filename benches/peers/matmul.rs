//! A large dense layer beside the crates that multiply matrices, one core: samples through 4096 -> 4096. The layer's time is that of a whole
//! call: samples into the lanes, the bias, and back.

use chainrule::prelude::*;
use chainrule_peers::numbers;
use ndarray::Array2;
use std::time::Instant;

const WIDTH: usize = 4096;
const TURNS: usize = 9;

network! {
    struct Large;
    x: [4096] -> y: Dense::new(4096);
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for samples in [16, 64, 512] {
        compare(samples)?;
    }
    Ok(())
}

fn compare(count: usize) -> Result<(), Box<dyn std::error::Error>> {
    let model = Model::<Large>::new(1).threads(1);
    let x = Array2::from_shape_vec((count, WIDTH), numbers(count * WIDTH))?;
    let (samples, weights) = (numbers(count * WIDTH), numbers(WIDTH * WIDTH));
    let mut product = vec![0.0_f32; count * WIDTH];
    let mut times: [Vec<f64>; 3] = Default::default();
    for _ in 0..TURNS {
        let start = Instant::now();
        let y = model.predict(&x)?;
        times[0].push(start.elapsed().as_secs_f64());
        std::hint::black_box(&y);

        // product[s, o] = sum(i) weights[o, i] * samples[s, i], row-major
        let (width, one) = (WIDTH as isize, 1);
        let start = Instant::now();
        // SAFETY: the extents and strides are those of the vectors.
        unsafe {
            gemm::gemm(
                count,
                WIDTH,
                WIDTH,
                product.as_mut_ptr(),
                one,
                width,
                false,
                samples.as_ptr(),
                one,
                width,
                weights.as_ptr(),
                width,
                one,
                0.0,
                1.0,
                false,
                false,
                false,
                gemm::Parallelism::None,
            );
        }
        times[1].push(start.elapsed().as_secs_f64());

        let start = Instant::now();
        // SAFETY: as above.
        unsafe {
            matrixmultiply::sgemm(
                count,
                WIDTH,
                WIDTH,
                1.0,
                samples.as_ptr(),
                width,
                one,
                weights.as_ptr(),
                one,
                width,
                0.0,
                product.as_mut_ptr(),
                width,
                one,
            );
        }
        times[2].push(start.elapsed().as_secs_f64());
    }
    for (name, times) in ["chainrule", "gemm", "matrixmultiply"].into_iter().zip(&mut times) {
        times.sort_by(f64::total_cmp);
        let seconds = times[TURNS / 2];
        let operations = 2.0 * (count * WIDTH * WIDTH) as f64;
        println!("{count:4} samples  {name:<15} {:8.2} ms  {:6.1} GFLOP/s", seconds * 1e3, operations / seconds / 1e9);
    }
    Ok(())
}
