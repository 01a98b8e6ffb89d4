using System.Text.Json;
using Microsoft.ML.Data;
using MLNetMeta.Transforms.Errors;
using MLNetMeta.Transforms.Learners;
using MLNetMeta.Transforms.Onnx;
using MLNetMeta.Transforms.Scoring;
using static MLNetMeta.Transforms.Onnx.OnnxNodes;

namespace MLNetMeta.Transforms.Saving;

/// <summary>The forward graph with adapted parameters inside: an ordinary inference model, without the learner.</summary>
internal sealed class AdaptedOnnx
{
    private readonly ModelProto _model;
    private readonly Learner _learner;
    private readonly ScoreLayout _layout;
    private readonly GraphBuilder _nodes;
    private readonly string _rawScores;
    private readonly string _halfWidths;

    private AdaptedOnnx(Learner learner, AdaptedParameters adapted, ScoreLayout layout, string inputName, object rows)
    {
        (_learner, _layout) = (learner, layout);
        // A column may have any name: whatever is inside gets names that cannot be the column's.
        var prefix = inputName.StartsWith("inner/", StringComparison.Ordinal) ? "within/" : "inner/";
        var model = OnnxGraphs.Fix(learner.ForwardModel, adapted.ToTensors());
        _model = OnnxGraphs.Rename(model, name => name == LearnerGraph.QueryFeatures ? inputName : $"{prefix}learner/{name}");
        _rawScores = $"{prefix}learner/{LearnerGraph.Scores}";
        _halfWidths = $"{prefix}learner/{LearnerGraph.HalfWidths}";
        _nodes = new GraphBuilder(_model.Graph, prefix);
        _model.Graph.Name = $"{learner.Kind}, adapted";
        _model.Graph.Input.Clear();
        _model.Graph.Input.Add(OnnxValues.Float(inputName, rows, learner.FeatureCount));
        _model.Graph.Output.Clear();
    }

    /// <summary>Whether a model for apps may have an output of this name.</summary>
    public static bool IsOutput(string name) => ScoreLayout.Names.Contains(name);

    /// <summary>
    /// For apps. Input <c>[rows, features]</c>. Outputs: <c>Score</c> <c>[rows, slots or outputs]</c>; <c>LowerBound</c> and
    /// <c>UpperBound</c> of the same shape for a learner with prediction intervals; for Boolean labels <c>Score</c> (log-odds),
    /// <c>Probability</c> and <c>PredictedLabel</c> (bool), each <c>[rows, 1]</c>; for other classification
    /// <c>PredictedLabel</c> <c>[rows]</c>, as text where labels have text names, else as keys (int64, from 1).
    /// </summary>
    public static ModelProto ForApps(Learner learner, AdaptedParameters adapted, ScoreLayout layout, string inputName)
    {
        if (IsOutput(inputName))
        {
            throw Throw.OnnxNameClash(inputName);
        }

        var onnx = new AdaptedOnnx(learner, adapted, layout, inputName, rows: "rows");
        if (layout.IsBinary)
        {
            onnx.AddBinary(ScoreLayout.Score, ScoreLayout.Probability, ScoreLayout.PredictedLabel);
            onnx.Graph.Output.Add(OnnxValues.Float(ScoreLayout.Score, "rows", 1));
            onnx.Graph.Output.Add(OnnxValues.Float(ScoreLayout.Probability, "rows", 1));
            onnx.Graph.Output.Add(OnnxValues.Tensor(ScoreLayout.PredictedLabel, TensorProto.Types.DataType.Bool, "rows", 1));
            onnx.AddMetadata();
            return onnx._model;
        }

        onnx.AddScore(ScoreLayout.Score);
        onnx.Graph.Output.Add(OnnxValues.Float(ScoreLayout.Score, "rows", layout.Width));
        if (layout.HasIntervals)
        {
            onnx.AddBounds(ScoreLayout.LowerBound, ScoreLayout.UpperBound);
            onnx.Graph.Output.Add(OnnxValues.Float(ScoreLayout.LowerBound, "rows", layout.Width));
            onnx.Graph.Output.Add(OnnxValues.Float(ScoreLayout.UpperBound, "rows", layout.Width));
        }

        if (layout.Classes is { } classes)
        {
            var isText = classes.Names?.ItemType is TextDataViewType;
            var slots = classes.SlotOfClass;
            onnx.AddLabel(ScoreLayout.PredictedLabel, isText
                ? onnx._nodes.Texts([.. slots.Select(classes.Describe)])
                : onnx._nodes.Integers([.. slots.Select(slot => slot + 1L)]));
            onnx.Graph.Output.Add(OnnxValues.Tensor(
                ScoreLayout.PredictedLabel, isText ? TensorProto.Types.DataType.String : TensorProto.Types.DataType.Int64, "rows"));
        }

        onnx.AddMetadata();
        return onnx._model;
    }

    /// <summary>
    /// For ML.NET's OnnxTransformer, which runs one row at a time. Input <c>[1, features]</c>. Outputs: scores <c>[slots or outputs]</c>
    /// and for classification the number of the winning slot, from 0, <c>[1]</c>: without the axis of rows, which would stay in the
    /// columns' types.
    /// </summary>
    public static ModelProto ForStockTransformer(
        Learner learner, AdaptedParameters adapted, ScoreLayout layout, string inputName, string scoreName, string slotName)
    {
        var onnx = new AdaptedOnnx(learner, adapted, layout, inputName, rows: 1);
        var nodes = onnx._nodes;
        var first = nodes.Integers([], [0]);
        if (layout.IsBinary)
        {
            var (logOdds, probability, label) = (nodes.Fresh("log_odds"), nodes.Fresh("probability"), nodes.Fresh("label"));
            onnx.AddBinary(logOdds, probability, label);
            (string Value, string Name, TensorProto.Types.DataType Type)[] outputs =
            [
                (logOdds, scoreName, TensorProto.Types.DataType.Float),
                (probability, StockNames.Probability, TensorProto.Types.DataType.Float),
                (label, StockNames.Answer, TensorProto.Types.DataType.Bool),
            ];
            foreach (var (value, name, type) in outputs)
            {
                AddOnlyRow(value, OnnxValues.Tensor(name, type, 1));
            }

            return onnx._model;
        }

        var scores = nodes.Fresh("scores");
        onnx.AddScore(scores);
        AddOnlyRow(scores, OnnxValues.Float(scoreName, layout.Width));
        if (layout.HasIntervals)
        {
            var (lower, upper) = (nodes.Fresh("lower"), nodes.Fresh("upper"));
            onnx.AddBounds(lower, upper);
            AddOnlyRow(lower, OnnxValues.Float(StockNames.LowerBound, layout.Width));
            AddOnlyRow(upper, OnnxValues.Float(StockNames.UpperBound, layout.Width));
        }

        if (layout.Classes is { } classes)
        {
            var slot = nodes.Fresh("slot");
            onnx.AddLabel(slot, nodes.Integers([classes.SlotOfClass.Length, 1], [.. classes.SlotOfClass.Select(place => (long)place)]));
            AddOnlyRow(slot, OnnxValues.Int64(slotName, 1));
        }

        return onnx._model;

        void AddOnlyRow(string value, ValueInfoProto output)
        {
            nodes.Append("Gather", [value, first], [output.Name], Int("axis", 0));
            onnx.Graph.Output.Add(output);
        }
    }

    private GraphProto Graph => _model.Graph;

    private void AddScore(string name)
    {
        if (_layout.Classes is not { IsIdentity: false } classes)
        {
            _nodes.Append("Identity", [_rawScores], [name]);
            return;
        }

        // Slots without a class take the zero column appended to the scores.
        var sources = Enumerable.Repeat((long)_layout.RawWidth, classes.Count).ToArray();
        for (var index = 0; index < classes.SlotOfClass.Length; index++)
        {
            sources[classes.SlotOfClass[index]] = index;
        }

        var padded = _nodes.Add("Pad", _rawScores, _nodes.Integers([0, 0, 0, 1]));
        _nodes.Append("Gather", [padded, _nodes.Integers(sources)], [name], Int("axis", 1));
    }

    /// <summary>The log-odds of true, their probability and the likelier answer, <c>[rows, 1]</c> each.</summary>
    private void AddBinary(string score, string probability, string label)
    {
        string Column(long column) => _nodes.Add("Gather", [_rawScores, _nodes.Integers([column])], Int("axis", 1));
        string Log(string of) => _nodes.Add("Log", _nodes.Add("Max", of, _nodes.Floats([], [ScoreLayout.SmallestProbability])));
        var (no, yes) = (Column(0), Column(1));
        _nodes.Append("Sub", [Log(yes), Log(no)], [score]);
        _nodes.Append("Identity", [yes], [probability]);
        _nodes.Append("Greater", [yes, no], [label]);
    }

    private void AddBounds(string lower, string upper)
    {
        _nodes.Append("Sub", [_rawScores, _halfWidths], [lower]);
        _nodes.Append("Add", [_rawScores, _halfWidths], [upper]);
    }

    /// <summary>The row of <paramref name="labels"/> of the likeliest class, for every row.</summary>
    private void AddLabel(string name, string labels)
    {
        var winner = _nodes.Add("ArgMax", [_rawScores], Int("axis", 1), Int("keepdims", 0));
        _nodes.Append("Gather", [labels, winner], [name], Int("axis", 0));
    }

    private void AddMetadata()
    {
        Add("mlnetmeta.adapted_from", _learner.Kind);
        Add("mlnetmeta.task", _learner.Task.ToString());
        if (_layout.Classes is { } classes)
        {
            Add("mlnetmeta.classes", JsonSerializer.Serialize(classes.Describe()));
        }

        void Add(string key, string value) => _model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
    }
}
