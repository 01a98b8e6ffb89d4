using System.Text.RegularExpressions;
using System.Xml.Linq;
using Xunit;

namespace MLNetMeta.Documentation.Tests;

/// <summary>Every way into the libraries has an example, and every example compiles.</summary>
public sealed class ExampleTests
{
    private static readonly string[] _packages =
        ["MLNetMeta.Transforms", "MLNetMeta.Trainers", "MLNetMeta.Distributed", "MLNetMeta.Trainers.Testing"];

    /// <summary>Catalog methods; each needs an example at one of its overloads for a catalog at least.</summary>
    private static readonly string[] _needed =
    [
        "MetaTrainingCatalog.ComplexSynapse", "MetaTrainingCatalog.DualSystem", "MetaTrainingCatalog.Auto",
        "MetaTrainingCatalog.SpikingNetwork",
        "MetaTrainingCatalog.PrototypicalNetwork", "MetaTrainingCatalog.Custom", "MetaTrainingCatalog.Evaluate",
        "MetaLearningCatalog.Backbone", "MetaLearningCatalog.LoadLearner",
        "MetaLearningCatalog.FewShot", "MetaLearningCatalog.LoadModel", "MetaLearningCatalog.Contribute",
        "MetaLearningCatalog.OpenImprover",
        "MetaLearningCatalog.SaveAsOnnx", "OrleansExtensions.SavePartitions", "OrleansExtensions.AddMetaLearning",
    ];

    /// <summary>Types that a user meets first.</summary>
    private static readonly string[] _mainTypes =
    [
        "AdaptationOptions", "AutoTrainer", "CheckpointOptions", "ComplexSynapseTrainer", "Compute", "ConvolutionalNetwork",
        "CustomLearnerTrainer",
        "CustomNetwork", "DualSystemTrainer", "Episodes", "FewShotEvaluationOptions", "FewShotMetrics", "FewShotTrainer", "Learner",
        "LearnerImprover", "LearnerTransformer", "MetaGradientRule", "MetaTrainingHistory", "MetaTrainingReport", "MultilayerPerceptron",
        "Optimizer",
        "ParquetPartitions", "PrivacyAccountant", "PrototypicalNetworkTrainer", "SpikingNetworkTrainer", "TaskColumn", "TrainingOptions",
        "LearnerContract",
    ];

    public static TheoryData<string> Examples => [.. All().Select(example => example.Member)];

    [Theory]
    [MemberData(nameof(Examples))]
    public void Example_OfAMember_Compiles(string member)
    {
        var code = All().First(example => example.Member == member).Code;
        new DocumentProgram(
            "XML documentation", member,
            $$"""
            using Microsoft.Extensions.Hosting;
            using Orleans.Hosting;
            using Microsoft.ML;
            using MLNetMeta.Distributed;
            using MLNetMeta.Samples;
            using MLNetMeta.Trainers;
            using MLNetMeta.Trainers.Testing;
            using MLNetMeta.Transforms;

            static class Example
            {
                static void Main()
                {
                }

                static void Of(
                    MLContext ml, IDataView rows, IDataView fewRows, IDataView otherRows, {{Given("Learner learner", code)}}
                    {{Given("ITransformer metaModel", code)}} Orleans.IClusterClient client)
                {
                    {{code}}
                }
            }
            """)
        {
            Files = ["samples/CustomLearner/ResidualNetwork.cs", "samples/CustomLearner/LowRankAdapters.cs"],
        }.Compile();
    }

    [Fact]
    public void Members_ThatNeedAnExample_HaveOne()
    {
        var members = All().Select(example => example.Member).ToArray();
        Assert.All(_needed, needed => Assert.Contains(members, member => member.Contains($".{needed}(", StringComparison.Ordinal)));
    }

    [Fact]
    public void MainTypes_HaveAnExample()
    {
        var members = All().Select(example => example.Member).ToArray();
        Assert.All(_mainTypes, type => Assert.Contains(members, member => Regex.IsMatch(member, $@"^T:[\w.]+\.{type}$")));
    }

    // What an example makes itself is not given to it.
    private static string Given(string parameter, string code) =>
        Regex.IsMatch(code, $@"(var|{parameter.Split(' ')[0]}) {parameter.Split(' ')[1]} =") ? "" : parameter + ",";

    private static IEnumerable<(string Member, string Code)> All() =>
        from package in _packages
        from member in XDocument.Load(Path.Combine(AppContext.BaseDirectory, package + ".xml")).Descendants("member")
        from code in member.Descendants("code")
        where code.Parent!.Name == "example"
        select ((string)member.Attribute("name")!, code.Value);
}
