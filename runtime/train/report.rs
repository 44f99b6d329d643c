//! What a training run reports.

use std::fmt;

use crate::network::Network;

/// One epoch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Epoch {
    /// Counted from 1.
    pub number: usize,
    /// The mean loss over the epoch's steps, each before its update.
    pub train_loss: f64,
    /// The mean loss of the test examples after the epoch.
    pub test_loss: Option<f64>,
    /// The part of their classes that are right, 0 to 1, where the loss has a target of classes.
    pub accuracy: Option<f64>,
    /// How long it took, tests included.
    pub seconds: f64,
}

/// A training run, epoch by epoch. Printed, it is a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The network.
    pub network: &'static str,
    /// The epochs, in order.
    pub epochs: Vec<Epoch>,
}

impl Report {
    pub(super) fn new<N: Network>(epochs: usize) -> Self {
        Report { network: N::NAME, epochs: Vec::with_capacity(epochs) }
    }

    /// The last epoch: a run has one at least.
    #[must_use]
    pub fn last(&self) -> Option<&Epoch> {
        self.epochs.last()
    }

    /// The test accuracy after the last epoch, 0 to 1, where the loss has a target of classes.
    #[must_use]
    pub fn accuracy(&self) -> Option<f64> {
        self.last()?.accuracy
    }

    /// How long all epochs took.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.epochs.iter().map(|epoch| epoch.seconds).sum()
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "train loss {:.4}", self.train_loss)?;
        if let Some(loss) = self.test_loss {
            write!(f, "  test loss {loss:.4}")?;
        }
        if let Some(accuracy) = self.accuracy {
            write!(f, "  test accuracy {:.2} %", 100.0 * accuracy)?;
        }
        write!(f, "  {:.2} s", self.seconds)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.epochs.len().to_string().len();
        for (at, epoch) in self.epochs.iter().enumerate() {
            let end = if at + 1 < self.epochs.len() { "\n" } else { "" };
            write!(f, "epoch {:>width$}  {epoch}{end}", epoch.number)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_what_there_is() {
        let epoch = Epoch { number: 1, train_loss: 0.5, test_loss: None, accuracy: None, seconds: 1.0 };
        let tested = Epoch { number: 2, test_loss: Some(0.25), accuracy: Some(0.875), ..epoch };
        let report = Report { network: "Line", epochs: vec![epoch, tested] };
        assert_eq!(
            report.to_string(),
            "epoch 1  train loss 0.5000  1.00 s\nepoch 2  train loss 0.5000  test loss 0.2500  test accuracy 87.50 %  1.00 s"
        );
        assert_eq!((report.accuracy(), report.seconds()), (Some(0.875), 2.0));
    }
}
