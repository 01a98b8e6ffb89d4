using MLNetMeta.Transforms;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Estimators;

public sealed class ComputeTests
{
    private static readonly TaskColumn _tasks = new("Task");

    public static TheoryData<MetaTrainingOptions, bool> Options => new()
    {
        { new ComplexSynapseTrainer.Options { Tasks = _tasks }, true },
        { new DualSystemTrainer.Options { Tasks = _tasks, Network = new MultilayerPerceptron { HiddenUnits = [8] } }, true },
        { new DualSystemTrainer.Options { Tasks = _tasks, Rule = MetaGradientRule.Contrastive() }, false },
        { new ComplexSynapseTrainer.Options { Tasks = _tasks, Rule = MetaGradientRule.Unrolled() }, false },
        { new ComplexSynapseTrainer.Options { Tasks = _tasks, Network = new ConvolutionalNetwork(new ImageShape(1, 8, 8)) }, false },
        { new PrototypicalNetworkTrainer.Options(), false },
        { new SpikingNetworkTrainer.Options { Tasks = _tasks }, false },
    };

    [Theory]
    [MemberData(nameof(Options))]
    public void Automatic_ForOptions_IsOnnxRuntimeWhereThatServesAndIsFaster(MetaTrainingOptions options, bool isOnnxRuntime)
    {
        var chosen = (options with { Compute = Compute.Automatic(threads: 3, tasksPerShard: 5) }).Engine;
        Assert.Equal(isOnnxRuntime, chosen is OnnxCompute);
        Assert.Equal(!isOnnxRuntime, chosen is TorchCompute);
        Assert.Equal((3, 5), (chosen.Threads!.Value, chosen.TasksPerShard));
        chosen.Serve(options);
    }

    [Fact]
    public void Engine_ThatWasSaid_IsTheOneThatComputes()
    {
        var torch = Compute.Torch();
        Assert.Same(torch, new ComplexSynapseTrainer.Options { Tasks = _tasks, Compute = torch }.Engine);
        Assert.Equal(Compute.Automatic(), new ComplexSynapseTrainer.Options().Compute);
    }

    [Fact]
    public void Automatic_OfImages_TakesOneTaskAtATimeUnlessToldOtherwise()
    {
        var shape = new ImageShape(1, 8, 8);
        var images = new ConvolutionalNetwork(shape);
        Assert.Equal(1, ComplexSynapseTrainer.Options.ForImages(shape).Engine.TasksPerShard);
        Assert.Equal(1, new DualSystemTrainer.Options { Network = images }.Engine.TasksPerShard);
        Assert.Equal(1, new PrototypicalNetworkTrainer.Options { Network = images }.Engine.TasksPerShard);
        Assert.Equal(8, new DualSystemTrainer.Options().Engine.TasksPerShard);
        Assert.Equal(8, new DualSystemTrainer.Options { Rule = MetaGradientRule.Unrolled() }.Engine.TasksPerShard);
        Assert.Equal(
            4, new DualSystemTrainer.Options { Network = images, Compute = Compute.Automatic(tasksPerShard: 4) }.Engine.TasksPerShard);
    }

    [Fact]
    public void TasksPerShard_OfAnAccelerator_AreMoreThanOfTheProcessorUnlessToldOtherwise()
    {
        Assert.Equal(8, Compute.OnnxRuntime().TasksPerShard);
        Assert.Equal(8, Compute.OnnxRuntime(ExecutionProvider.Cpu).TasksPerShard);
        Assert.Equal(256, Compute.OnnxRuntime(ExecutionProvider.Cuda()).TasksPerShard);
        Assert.Equal(256, Compute.OnnxRuntime(ExecutionProvider.DirectML(fallbackToCpu: true)).TasksPerShard);
        Assert.Equal(64, Compute.OnnxRuntime(ExecutionProvider.Cuda(), tasksPerShard: 64).TasksPerShard);
        Assert.Equal(8, Compute.Torch().TasksPerShard);
        Assert.Equal(256, Compute.Torch("cuda:1").TasksPerShard);
        Assert.Equal(2, Compute.Torch("cuda", tasksPerShard: 2).TasksPerShard);
    }

    [Fact]
    public void Automatic_OfNoThreads_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Compute.Automatic(threads: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Compute.Automatic(tasksPerShard: 0));
    }
}
