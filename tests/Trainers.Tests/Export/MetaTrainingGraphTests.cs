using Google.Protobuf;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Export;

/// <summary>The graphs have the inputs, outputs and properties that docs/meta-training-graph.md promises.</summary>
public sealed class MetaTrainingGraphTests
{
    private static readonly ContrastiveSettings _rule = new(0.3, NudgingStencil.SecondOrder, 4, Optimizer.Adam(0.02));

    private static readonly Phase _free = new(Optimizer.Sgd(0.1), 6);

    private static readonly Standardization _identity = Standardizer.Identity(Zoo.Features);

    [Theory]
    [InlineData(Zoo.OneOutput, "1", "1")]
    [InlineData(Zoo.ObservedOutputs, "3", "3")]
    [InlineData(Zoo.Episodes, "classes", "1")]
    public void Write_OfSeveralTasks_HasTheDocumentedInputsAndOutputs(string loss, string columns, string weights)
    {
        var learner = Zoo.Create("ComplexSynapse, fixed λ", loss);
        var size = learner.Slow.Sum(s => s.Size);
        string[] rows =
        [
            $"theta [{size}] Float", $"support_features [tasks, support, {Zoo.Features}] Float",
            $"support_targets [tasks, support, {columns}] Float", $"support_weights [tasks, support, {weights}] Float",
            $"query_features [tasks, query, {Zoo.Features}] Float", $"query_targets [tasks, query, {columns}] Float",
            $"query_weights [tasks, query, {weights}] Float", "free_steps [] Int64",
        ];

        var contribution = Graph(MetaTrainingGraphWriter.Write(learner, _rule, _free));
        Assert.Equal(rows.Append("nudged_steps [] Int64").Order(), contribution.Inputs.Order());
        Assert.Equal(
            ["evaluation_loss [] Float", "free_squares [tasks] Float", $"gradient [{size}] Float", "nudged_squares [2*tasks] Float"],
            contribution.Outputs.Order());

        var evaluation = Graph(MetaTrainingGraphWriter.WriteEvaluation(learner, _free));
        Assert.Equal(rows.Order(), evaluation.Inputs.Order());
        Assert.Equal(
            ["evaluation_loss [] Float", "free_squares [tasks] Float", $"predictions [tasks, query, {columns}] Float"],
            evaluation.Outputs.Order());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void WriteOfOneTask_HasTheInputsOfTheLearnerFileForSupportAndQuery(bool hasWeights)
    {
        var learner = Zoo.Create("ComplexSynapse, fixed λ", Zoo.Episodes);
        var contents = new LearnerFileContents(_free, _identity, null, null, HasWeights: hasWeights);
        string[] inputs =
        [
            $"theta [{learner.Slow.Sum(s => s.Size)}] Float", $"support_features [support, {Zoo.Features}] Float",
            "support_labels [support] Int64", $"query_features [query, {Zoo.Features}] Float", "query_labels [query] Int64",
            "free_steps [] Int64", "nudged_steps [] Int64",
            .. hasWeights ? ["support_weights [support] Float", "query_weights [query] Float"] : Array.Empty<string>(),
        ];
        Assert.Equal(inputs.Order(), Graph(MetaTrainingGraphWriter.WriteOfOneTask(learner, _rule, _free, contents)).Inputs.Order());
    }

    [Fact]
    public void Write_OfAnyKind_HasTheDocumentedProperties()
    {
        var learner = Zoo.Create("ComplexSynapse, fixed λ", Zoo.OneOutput);
        var contents = new LearnerFileContents(_free, _identity, Standardizer.Identity(1), null);
        Dictionary<string, string> Common(string kind) => new()
        {
            ["mlnetmeta.graph"] = kind, ["mlnetmeta.graph_version"] = "1", ["mlnetmeta.kind"] = "ComplexSynapse",
            ["mlnetmeta.network"] = learner.Network.Describe(), ["mlnetmeta.inner_optimizer"] = _free.Optimizer.Describe(),
        };
        Dictionary<string, string> WithRule(string kind) => new(Common(kind))
        {
            ["mlnetmeta.stencil"] = "SecondOrder", ["mlnetmeta.nudging_strength"] = "0.3",
            ["mlnetmeta.nudged_optimizer"] = Optimizer.Adam(0.02).Describe(),
        };

        Check(WithRule("meta_training"), MetaTrainingGraphWriter.Write(learner, _rule, _free));
        Check(WithRule("contribution"), MetaTrainingGraphWriter.WriteOfOneTask(learner, _rule, _free, contents));
        Check(Common("evaluation"), MetaTrainingGraphWriter.WriteEvaluation(learner, _free));
        Check(
            new()
            {
                ["mlnetmeta.graph"] = "meta_optimizer", ["mlnetmeta.graph_version"] = "1",
                ["mlnetmeta.meta_optimizer"] = Optimizer.Adam(0.01).Describe(),
            },
            MetaOptimizerGraphWriter.Write(Optimizer.Adam(0.01), 10, 5).Model);

        static void Check(Dictionary<string, string> expected, byte[] model)
        {
            var graph = Graph(model);
            Assert.Equal(expected.OrderBy(pair => pair.Key), graph.Properties.OrderBy(pair => pair.Key));
            Assert.Equal(expected["mlnetmeta.graph"], graph.Name);
        }
    }

    [Theory]
    [InlineData("SGD", "")]
    [InlineData("Nesterov", "[5]")]
    [InlineData("Adam", "[] [] [5] [5]")]
    public void MetaOptimizer_OfAnyKind_TakesAndGivesItsState(string optimizer, string state)
    {
        var graph = Graph(MetaOptimizerGraphWriter.Write(Zoo.Optimizers[optimizer], null, 5).Model);
        var shapes = state.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            ["theta [5] Float", "gradient [5] Float", "learning_rate [] Float", .. shapes.Select((shape, i) => $"state.{i} {shape} Float")],
            graph.Inputs);
        Assert.Equal(["next_theta [5] Float", .. shapes.Select((shape, i) => $"next_state.{i} {shape} Float")], graph.Outputs);
    }

    private static (string Name, string[] Inputs, string[] Outputs, Dictionary<string, string> Properties) Graph(byte[] file)
    {
        var model = ModelProto.Parser.ParseFrom(file);
        return (model.Graph.Name, Values(model.Graph.Input), Values(model.Graph.Output), OnnxModels.Metadata(model));

        static string[] Values(IEnumerable<ValueInfoProto> values) => [.. values.Select(value =>
        {
            var (type, axes) = (value.Type.TensorType, value.Type.TensorType.Shape.Dim);
            var shape = string.Join(", ", axes.Select(axis => axis.DimParam.Length > 0 ? axis.DimParam : $"{axis.DimValue}"));
            return $"{value.Name} [{shape}] {(TensorProto.Types.DataType)type.ElemType}";
        })];
    }
}
