namespace MLNetMeta.Trainers.Testing;

/// <summary>A law of the contract of learners.</summary>
public enum LearnerLaw
{
    /// <summary>
    /// Names are different, every length is at least 1, <see cref="ILearner.InitialFast"/> gives what <see cref="ILearner.Fast"/> says,
    /// with a task axis, and gradients have the same shapes.
    /// </summary>
    Parameters,

    /// <summary>∂φ of both losses, against central differences in double precision, parameter by parameter.</summary>
    FastGradient,

    /// <summary>∂θ of both losses at fixed φ, against central differences in double precision, parameter by parameter.</summary>
    SlowGradient,

    /// <summary>
    /// Predictions do not depend on what <see cref="ILearner.InTask"/> changes: an app predicts without the support rows.
    /// </summary>
    InTask,

    /// <summary>The closed form of an <see cref="ISynapticLearner"/>, against differentiation; ∂θ L_out is zero.</summary>
    LocalSlowGradient,

    /// <summary>The meta-gradient of tasks is the sum of those of each task alone.</summary>
    TaskIndependence,

    /// <summary>Rows of weight 0 change nothing: tasks of different sizes are padded with them.</summary>
    Padding,

    /// <summary>A prediction depends on its own row only. Not asked of transductive networks.</summary>
    RowIndependence,

    /// <summary>Predictions are linear in fast parameters whose names begin with <c>head.</c>; classification only.</summary>
    LinearReadout,

    /// <summary>The learner file adapts and predicts in ONNX Runtime as TorchSharp does.</summary>
    LearnerFile,

    /// <summary>The meta-gradient in ONNX Runtime is that of TorchSharp.</summary>
    MetaTrainingGraph,

    /// <summary>The same bits for the same tasks, on any number of threads.</summary>
    Determinism,

    /// <summary>No tensor is left behind.</summary>
    TensorLifetime,
}
