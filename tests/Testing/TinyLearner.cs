using Google.Protobuf;
using MLNetMeta.Transforms;
using MLNetMeta.Transforms.Onnx;
using static MLNetMeta.Transforms.Onnx.OnnxNodes;

namespace MLNetMeta.Testing;

/// <summary>
/// A learner file written by hand, node by node: gradient descent on softmax or linear regression over standardised features.
/// Small enough to check by eye, and independent of the code that exports meta-trained learners.
/// </summary>
internal sealed record TinyLearner
{
    public MetaTask Task { get; init; } = MetaTask.Classification;

    public int Features { get; init; } = 2;

    /// <summary>Regression only.</summary>
    public int Outputs { get; init; } = 1;

    /// <summary>Regression: the coverage of prediction intervals, whose half-widths are half the size of the scores; null for
    /// none.</summary>
    public double? Coverage { get; init; }

    /// <summary>Classes of shared labels; empty for a learner from episodes.</summary>
    public IReadOnlyList<string> Classes { get; init; } = [];

    /// <summary>Whether rows have weights: the loss is then their weighted mean.</summary>
    public bool ExampleWeights { get; init; }

    public bool IsTransductive { get; init; }

    public int Steps { get; init; } = 50;

    public float Rate { get; init; } = 0.5f;

    /// <summary>Feature i is standardised by mean <c>0.1·i</c> and scale <c>1 + 0.5·i</c>.</summary>
    public IEnumerable<float> FeatureMeans => Enumerable.Range(0, Features).Select(i => 0.1f * i);

    public IEnumerable<float> FeatureScales => Enumerable.Range(0, Features).Select(i => 1 + 0.5f * i);

    /// <summary>Target i is standardised by mean <c>i</c> and scale <c>2 + i</c>.</summary>
    public IEnumerable<float> TargetMeans => Enumerable.Range(0, Outputs).Select(i => (float)i);

    public IEnumerable<float> TargetScales => Enumerable.Range(0, Outputs).Select(i => 2f + i);

    public bool IsRegression => Task == MetaTask.Regression;

    public bool IsShared => Classes.Count > 0;

    /// <summary>Whether labels are Boolean; the classes are False and True then.</summary>
    public bool IsBinary => Classes is ["False", "True"];

    public LearnerMetadata Metadata => new()
    {
        Kind = "Tiny",
        Task = Task,
        Labels = IsRegression ? LabelSemantics.Targets : IsBinary ? LabelSemantics.Binary : IsShared ? LabelSemantics.Shared
            : LabelSemantics.Episodes,
        Classes = Classes,
        FeatureCount = Features,
        OutputCount = IsRegression ? Outputs : IsShared ? Classes.Count : null,
        Steps = Steps,
        InnerOptimizer = """{"name":"Sgd","rate":0.5}""",
        Network = """{"name":"Linear"}""",
        Standardization = new("mean", "scale", "q"),
        IntervalCoverage = Coverage,
        ExampleWeights = ExampleWeights,
        IsTransductive = IsTransductive,
    };

    public byte[] File() => LearnerFile.Write(Model());

    public Learner Load(Learner.Options? options = null) => Learner.Load(File(), options);

    public ModelProto Model()
    {
        var graph = new GraphProto { Name = "tiny" };
        graph.Input.Add(OnnxValues.Float("support_features", "support", Features));
        graph.Input.Add(IsRegression
            ? OnnxValues.Float("support_labels", "support", Outputs)
            : OnnxValues.Int64("support_labels", "support"));
        graph.Input.Add(OnnxValues.Float("query_features", "queries", Features));
        graph.Input.Add(OnnxValues.Int64("steps"));
        graph.Initializer.Add(OnnxTensors.Float("mean", [Features], [.. FeatureMeans]));
        graph.Initializer.Add(OnnxTensors.Float("scale", [Features], [.. FeatureScales]));
        graph.Initializer.Add(OnnxTensors.Int64("axis_zero", [1], [0]));
        graph.Initializer.Add(OnnxTensors.Int64("one", [1], [1]));
        graph.Initializer.Add(OnnxTensors.Int64("feature_count", [1], [Features]));
        if (IsRegression)
        {
            graph.Initializer.Add(OnnxTensors.Float("target_mean", [Outputs], [.. TargetMeans]));
            graph.Initializer.Add(OnnxTensors.Float("target_scale", [Outputs], [.. TargetScales]));
        }

        AddAdaptation(graph);
        AddForward(graph);
        return OnnxModels.Create(graph, Metadata.ToProperties());
    }

    private void AddAdaptation(GraphProto graph)
    {
        Standardise(graph, "support_features", "x");
        if (IsRegression)
        {
            graph.Node.Add(Node("Sub", ["support_labels", "target_mean"], ["targets_centred"]));
            graph.Node.Add(Node("Div", ["targets_centred", "target_scale"], ["targets"]));
            graph.Initializer.Add(OnnxTensors.Int64("classes", [1], [Outputs]));
        }
        else
        {
            if (IsShared)
            {
                graph.Initializer.Add(OnnxTensors.Int64("classes", [1], [Classes.Count]));
            }
            else
            {
                graph.Node.Add(Node("ReduceMax", ["support_labels"], ["last_class"], Ints("axes", 0), Int("keepdims", 1)));
                graph.Node.Add(Node("Add", ["last_class", "one"], ["classes"]));
            }

            graph.Initializer.Add(OnnxTensors.Float("off_on", [2], [0, 1]));
            graph.Node.Add(Node("OneHot", ["support_labels", "classes", "off_on"], ["targets"], Int("axis", -1)));
        }

        graph.Node.Add(Node("Concat", ["feature_count", "classes"], ["weights_shape"], Int("axis", 0)));
        graph.Node.Add(Node("ConstantOfShape", ["weights_shape"], ["weights_start"]));
        graph.Node.Add(Node("ConstantOfShape", ["classes"], ["bias_start"]));
        graph.Node.Add(Node("Transpose", ["x"], ["x_transposed"], Ints("perm", 1, 0)));
        if (ExampleWeights)
        {
            graph.Input.Add(OnnxValues.Float("support_weights", "support"));
            graph.Node.Add(Node("ReduceSum", ["support_weights", "axis_zero"], ["rows"], Int("keepdims", 1)));
            graph.Node.Add(Node("Unsqueeze", ["support_weights", "one"], ["weight_of_row"]));
        }
        else
        {
            graph.Node.Add(Node("Shape", ["x"], ["x_shape"]));
            graph.Node.Add(Node("Gather", ["x_shape", "axis_zero"], ["rows_int"]));
            graph.Node.Add(Node("Cast", ["rows_int"], ["rows"], Int("to", (long)TensorProto.Types.DataType.Float)));
        }

        graph.Node.Add(Node(
            "Loop", ["steps", "", "weights_start", "bias_start"], ["adapted.weights", "adapted.bias"], Graph("body", Step())));
        graph.Output.Add(OnnxValues.Float("adapted.weights", Features, "classes"));
        graph.Output.Add(OnnxValues.Float("adapted.bias", "classes"));
    }

    /// <summary>One step of gradient descent on the mean loss; x, its transpose, the targets and the row count come from around the
    /// loop.</summary>
    private GraphProto Step()
    {
        var body = new GraphProto { Name = "step" };
        body.Input.Add(OnnxValues.Int64("step"));
        body.Input.Add(OnnxValues.Tensor("go_in", TensorProto.Types.DataType.Bool));
        body.Input.Add(OnnxValues.Float("w", Features, "classes"));
        body.Input.Add(OnnxValues.Float("b", "classes"));
        body.Initializer.Add(OnnxTensors.Float("rate", Rate));
        body.Node.Add(Node("Identity", ["go_in"], ["go_out"]));
        body.Node.Add(Node("MatMul", ["x", "w"], ["xw"]));
        body.Node.Add(Node("Add", ["xw", "b"], ["outputs"]));
        body.Node.Add(IsRegression
            ? Node("Identity", ["outputs"], ["predictions"])
            : Node("Softmax", ["outputs"], ["predictions"], Int("axis", -1)));
        body.Node.Add(Node("Sub", ["predictions", "targets"], ["errors"]));
        if (ExampleWeights)
        {
            body.Node.Add(Node("Mul", ["errors", "weight_of_row"], ["weighted_errors"]));
        }

        body.Node.Add(Node("Div", [ExampleWeights ? "weighted_errors" : "errors", "rows"], ["gradient"]));
        body.Node.Add(Node("MatMul", ["x_transposed", "gradient"], ["w_gradient"]));
        body.Node.Add(Node("ReduceSum", ["gradient", "axis_zero"], ["b_gradient"], Int("keepdims", 0)));
        body.Node.Add(Node("Mul", ["w_gradient", "rate"], ["w_step"]));
        body.Node.Add(Node("Mul", ["b_gradient", "rate"], ["b_step"]));
        body.Node.Add(Node("Sub", ["w", "w_step"], ["w_next"]));
        body.Node.Add(Node("Sub", ["b", "b_step"], ["b_next"]));
        body.Output.Add(OnnxValues.Tensor("go_out", TensorProto.Types.DataType.Bool));
        body.Output.Add(OnnxValues.Float("w_next", Features, "classes"));
        body.Output.Add(OnnxValues.Float("b_next", "classes"));
        return body;
    }

    private void AddForward(GraphProto graph)
    {
        Standardise(graph, "query_features", "q");
        graph.Node.Add(Node("MatMul", ["q", "adapted.weights"], ["qw"]));
        graph.Node.Add(Node("Add", ["qw", "adapted.bias"], ["logits"]));
        if (IsRegression)
        {
            graph.Node.Add(Node("Mul", ["logits", "target_scale"], ["scaled"]));
            graph.Node.Add(Node("Add", ["scaled", "target_mean"], ["scores"]));
        }
        else
        {
            graph.Node.Add(Node("Softmax", ["logits"], ["scores"], Int("axis", -1)));
        }

        graph.Output.Add(OnnxValues.Float("scores", "queries", IsRegression ? Outputs : "classes"));
        if (Coverage is not null)
        {
            graph.Initializer.Add(OnnxTensors.Float("half", 0.5f));
            graph.Node.Add(Node("Abs", ["scores"], ["sizes"]));
            graph.Node.Add(Node("Mul", ["sizes", "half"], ["half_widths"]));
            graph.Output.Add(OnnxValues.Float("half_widths", "queries", Outputs));
        }
    }

    private static void Standardise(GraphProto graph, string input, string output)
    {
        graph.Node.Add(Node("Sub", [input, "mean"], [output + "_centred"]));
        graph.Node.Add(Node("Div", [output + "_centred", "scale"], [output]));
    }
}
