using System.Text.Json;
using MLNetMeta.Transforms.Onnx;
using static MLNetMeta.Transforms.Onnx.OnnxNodes;

namespace MLNetMeta.Transforms;

/// <summary>
/// The forward graph with adapted parameters inside: an ordinary inference model. Input <c>[rows, features]</c>; scores
/// <c>[rows, slots or outputs]</c>; for classification also the winning slot's label <c>[rows]</c> or number <c>[rows, 1]</c>.
/// </summary>
internal sealed class AdaptedOnnx
{
    // The learner's own names get a prefix, so that a column may have any name.
    private const string InnerPrefix = "learner/";
    private const string RawScores = InnerPrefix + LearnerGraph.Scores;

    private readonly ModelProto _model;
    private readonly Learner _learner;
    private readonly ScoreLayout _layout;

    private AdaptedOnnx(Learner learner, AdaptedParameters adapted, ScoreLayout layout, string inputName)
    {
        (_learner, _layout) = (learner, layout);
        var model = OnnxGraphs.Fix(learner.ForwardModel, adapted.ToTensors());
        _model = OnnxGraphs.Rename(model, name => name == LearnerGraph.QueryFeatures ? inputName : InnerPrefix + name);
        _model.Graph.Name = $"{learner.Kind}, adapted";
        _model.Graph.Input.Clear();
        _model.Graph.Input.Add(OnnxValues.Float(inputName, "rows", learner.FeatureCount));
        _model.Graph.Output.Clear();
    }

    /// <summary>For apps: outputs <c>Score</c> and <c>PredictedLabel</c>, the latter as text where labels have text names, else as keys (int64, from 1).</summary>
    public static ModelProto ForApps(Learner learner, AdaptedParameters adapted, ScoreLayout layout, string inputName)
    {
        if (inputName is ScoreLayout.Score or ScoreLayout.PredictedLabel)
            throw Throw.OnnxNameClash(inputName);
        var onnx = new AdaptedOnnx(learner, adapted, layout, inputName);
        onnx.AddScore(ScoreLayout.Score);
        if (layout.Classes is { } classes)
            onnx.AddLabel(ScoreLayout.PredictedLabel, classes);
        onnx.AddMetadata();
        return onnx._model;
    }

    /// <summary>For ML.NET's OnnxTransformer: scores and the number of the winning slot, from 0, under the given names.</summary>
    public static ModelProto ForStockTransformer(
        Learner learner, AdaptedParameters adapted, ScoreLayout layout, string inputName, string scoreName, string slotName)
    {
        var onnx = new AdaptedOnnx(learner, adapted, layout, inputName);
        onnx.AddScore(scoreName);
        if (layout.Classes is { } classes)
            onnx.AddSlot(slotName, classes);
        return onnx._model;
    }

    private GraphProto Graph => _model.Graph;

    private void AddScore(string name)
    {
        if (_layout.Classes is { IsIdentity: false } classes)
        {
            // Slots without a class take the zero column appended to the scores.
            var sources = Enumerable.Repeat((long)_layout.RawWidth, classes.Count).ToArray();
            for (var index = 0; index < classes.SlotOfClass.Length; index++)
                sources[classes.SlotOfClass[index]] = index;
            Graph.Initializer.Add(OnnxTensors.Int64("score/pads", [4], [0, 0, 0, 1]));
            Graph.Initializer.Add(OnnxTensors.Int64("score/sources", [sources.Length], sources));
            Graph.Node.Add(Node("Pad", [RawScores, "score/pads"], ["score/padded"]));
            Graph.Node.Add(Node("Gather", ["score/padded", "score/sources"], [name], Int("axis", 1)));
        }
        else
            Graph.Node.Add(Node("Identity", [RawScores], [name]));
        Graph.Output.Add(OnnxValues.Float(name, "rows", _layout.Width));
    }

    private void AddLabel(string name, ClassSlots classes)
    {
        var isText = classes.Names?.ItemType is Microsoft.ML.Data.TextDataViewType;
        Graph.Initializer.Add(isText
            ? OnnxTensors.Text("label/names", [.. classes.SlotOfClass.Select(classes.Describe)])
            : OnnxTensors.Int64("label/names", [classes.SlotOfClass.Length], [.. classes.SlotOfClass.Select(slot => slot + 1L)]));
        Graph.Node.Add(Node("ArgMax", [RawScores], ["label/class"], Int("axis", 1), Int("keepdims", 0)));
        Graph.Node.Add(Node("Gather", ["label/names", "label/class"], [name], Int("axis", 0)));
        Graph.Output.Add(OnnxValues.Tensor(name, isText ? TensorProto.Types.DataType.String : TensorProto.Types.DataType.Int64, "rows"));
    }

    private void AddSlot(string name, ClassSlots classes)
    {
        Graph.Initializer.Add(OnnxTensors.Int64("label/slots", [classes.SlotOfClass.Length], [.. classes.SlotOfClass.Select(slot => (long)slot)]));
        Graph.Node.Add(Node("ArgMax", [RawScores], ["label/class"], Int("axis", 1), Int("keepdims", 1)));
        Graph.Node.Add(Node("Gather", ["label/slots", "label/class"], [name], Int("axis", 0)));
        Graph.Output.Add(OnnxValues.Int64(name, "rows", 1));
    }

    private void AddMetadata()
    {
        Add("mlnetmeta.adapted_from", _learner.Kind);
        Add("mlnetmeta.task", _learner.Task.ToString());
        if (_layout.Classes is { } classes)
            Add("mlnetmeta.classes", JsonSerializer.Serialize(Enumerable.Range(0, classes.Count).Select(classes.Describe)));

        void Add(string key, string value) => _model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
    }
}
