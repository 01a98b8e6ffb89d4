using MLNetMeta.Transforms.Onnx;

namespace MLNetMeta.Transforms.Pipelines;

/// <summary>What a NormalizingTransformer does to one column.</summary>
internal interface INormalization
{
    /// <summary>Whether the transformer gives what this says.</summary>
    bool Explains(PipelineStep step);

    /// <summary>The normalised value of <paramref name="source"/>.</summary>
    string Emit(GraphBuilder graph, string source);
}
