using MLNetMeta.Trainers;

namespace MLNetMeta.Reproduce;

/// <summary>What the command line changes of every training; null and false leave what the settings have.</summary>
internal sealed record VisualChanges
{
    /// <summary>Filters of each block.</summary>
    public int? Filters { get; init; }

    /// <summary>Convolutions of stride 1 and 2 × 2 max-pooling.</summary>
    public bool MaxPooling { get; init; }

    /// <summary>Classes of a training task.</summary>
    public int? Ways { get; init; }

    /// <summary>Query images of each class of a training task.</summary>
    public int? QueryRows { get; init; }

    public int? MetaSteps { get; init; }

    public double? MetaRate { get; init; }

    public ImageAugmentation? Augmentation { get; init; }
}
