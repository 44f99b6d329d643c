//! [MNIST](http://yann.lecun.com/exdb/mnist/) (Y. LeCun, C. Cortes, C. Burges) and what is packed like it (Fashion-MNIST, KMNIST): four IDX
//! files in a directory. In: the directory. Out: training and test samples. Guarantees that there is an image for every label and that
//! labels are below ten.

use std::path::{Path, PathBuf};

use ndarray::{ArrayD, IxDyn};

use super::{Dataset, Error, Refusal, idx};

const SIDE: usize = 28;
const CLASSES: usize = 10;

/// Reads `train-images-idx3-ubyte`, `train-labels-idx1-ubyte` and the same for `t10k`, each as it stands or with `.gz`, into (training,
/// test): images of shape `[sample, 1, 28, 28]` from 0 to 1, and labels of shape `[sample]` from 0 to 9.
///
/// ```no_run
/// let (train, test) = chainrule::data::mnist::load("mnist".as_ref())?;
/// assert_eq!((train.len(), test.len()), (60_000, 10_000));
/// # Ok::<(), chainrule::data::Error>(())
/// ```
///
/// # Errors
/// A file is missing, cannot be read, or is not as described; the message names it.
pub fn load(directory: &Path) -> Result<(Dataset<f32>, Dataset<f32>), Error> {
    Ok((part(directory, "train")?, part(directory, "t10k")?))
}

fn part(directory: &Path, name: &str) -> Result<Dataset<f32>, Error> {
    let file = find(directory, &format!("{name}-labels-idx1-ubyte"))?;
    let refused = |why| Error::Refused { file: file.clone(), why };
    let labels = idx::load_if::<u8>(&file, |shape| match shape {
        [samples] if *samples > 0 => Ok(()),
        _ => Err(Refusal::Shape { expected: "[samples]".to_owned(), found: shape.to_vec() }),
    })?;
    if let Some((sample, &label)) = labels.iter().enumerate().find(|(_, label)| usize::from(**label) >= CLASSES) {
        return Err(refused(Refusal::Label { sample, found: f64::from(label), classes: CLASSES }));
    }

    let samples = labels.len();
    let images = find(directory, &format!("{name}-images-idx3-ubyte"))?;
    let images = idx::load_if::<u8>(&images, |shape| {
        let expected = format!("[{samples}, {SIDE}, {SIDE}], one image for each label");
        if shape == [samples, SIDE, SIDE] { Ok(()) } else { Err(Refusal::Shape { expected, found: shape.to_vec() }) }
    })?;
    let pixels = images.iter().map(|&pixel| f32::from(pixel) / 255.0).collect();
    let images = ArrayD::from_shape_vec(IxDyn(&[samples, 1, SIDE, SIDE]), pixels).expect("the shape was compared");
    Dataset::new(vec![images, labels.mapv(f32::from)])
}

/// The file as it stands, or else gzipped.
fn find(directory: &Path, name: &str) -> Result<PathBuf, Error> {
    let names = [name.to_owned(), format!("{name}.gz")];
    // whatever stands there under the name counts: what it is, reading tells
    let found = names.iter().map(|name| directory.join(name)).find(|path| path.symlink_metadata().is_ok());
    found.ok_or_else(|| {
        let expected = names.map(|name| format!("`{name}`")).join(" or ");
        Error::Refused { file: directory.to_owned(), why: Refusal::NoFile { expected } }
    })
}
