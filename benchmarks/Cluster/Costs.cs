using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Samples;
using MLNetMeta.Trainers;

namespace MLNetMeta.Benchmarks;

/// <summary>What a simulated step is made of, as measured on this machine.</summary>
internal static class Costs
{
    /// <summary>Tasks that are computed together.</summary>
    public const int BlockTasks = 8;

    /// <summary>The learners: name, numbers of θ, and seconds that a thread takes for a block.</summary>
    public static IEnumerable<(string Name, int Parameters, double BlockSeconds)> Learners()
    {
        yield return Measure(
            "1-40-40-1", inputs: 1, parameters: 1761, new MultilayerPerceptron { HiddenUnits = [40, 40] }, isImage: false, 40);
        yield return Measure(
            "16-64-64-1", inputs: 16, parameters: 5313, new MultilayerPerceptron { HiddenUnits = [64, 64] }, isImage: false, 30);
        yield return Measure(
            "four blocks of 64 filters, 28 × 28", inputs: 784, parameters: 111_936,
            new ConvolutionalNetwork(new ImageShape(28, 28, 1)) { Filters = [64, 64, 64, 64] }, isImage: true, 2);
    }

    /// <summary>Seconds of a call of a grain over TCP on this machine, as latency + bytes · slope: there and back.</summary>
    public static async Task<(double Latency, double SecondsPerByte)> Call()
    {
        using var silo = Started(
            Host.CreateApplicationBuilder(), builder => builder.UseOrleans(of => of.UseLocalhostClustering(11511, 30511)));
        await silo.StartAsync();
        using var host = Started(
            Host.CreateApplicationBuilder(), builder => builder.UseOrleansClient(of => of.UseLocalhostClustering(30511)));
        await host.StartAsync();
        var grain = host.Services.GetRequiredService<IClusterClient>().GetGrain<IEchoGrain>(0);
        var (small, large) = (await Seconds([]), await Seconds(new byte[1_000_000]));
        return (small, (large - small) / 1_000_000);

        async Task<double> Seconds(byte[] content)
        {
            for (var warm = 0; warm < 200; warm++)
            {
                await grain.Echo(content);
            }

            var clock = Stopwatch.StartNew();
            for (var call = 0; call < 200; call++)
            {
                await grain.Echo(content);
            }

            return clock.Elapsed.TotalSeconds / 200;
        }

        static IHost Started(HostApplicationBuilder builder, Action<HostApplicationBuilder> configure)
        {
            builder.Logging.SetMinimumLevel(LogLevel.None);
            configure(builder);
            return builder.Build();
        }
    }

    private static (string Name, int Parameters, double BlockSeconds) Measure(
        string name, int inputs, int parameters, NetworkOptions network, bool isImage, int steps)
    {
        var ml = new MLContext(1);
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, inputs);
        var random = new Random(1);
        var rows = ml.Data.LoadFromEnumerable(
            from task in Enumerable.Range(0, 20)
            from row in Enumerable.Range(0, 20)
            select new Row
            {
                Task = $"{task}", Features = [.. Enumerable.Range(0, inputs).Select(_ => random.NextSingle())], Label = random.NextSingle(),
            }, schema);
        var (clock, measured) = (new Stopwatch(), 0.0);
        using var learner = ml.MetaLearning().Regression.ComplexSynapse(new ComplexSynapseTrainer.Options
        {
            Tasks = new TaskColumn("Task") { SupportRows = 10, QueryRows = 10 },
            Network = network,
            FastParameters = isImage ? FastParameters.Head : FastParameters.All,
            Compute = Compute.OnnxRuntime(threads: 1, tasksPerShard: BlockTasks),
            Rule = MetaGradientRule.Contrastive(strength: 0.1),
            Training = new TrainingOptions
            {
                Seed = 1,
                Steps = steps,
                TasksPerStep = BlockTasks,
                ValidationTasks = 1,
                ValidationInterval = steps,
                Patience = null,
                Progress = new Reports(report =>
                {
                    measured = clock.Elapsed.TotalSeconds;
                    clock.Restart();
                }),
            },
        }).Fit(rows).Learner;
        return (name, parameters, measured / steps);
    }

    private sealed class Row
    {
        public string Task { get; set; } = "";

        public float Label { get; set; }

        public float[] Features { get; set; } = [];
    }
}

/// <summary>Gives back what it gets.</summary>
internal interface IEchoGrain : IGrainWithIntegerKey
{
    /// <summary>The same bytes.</summary>
    Task<byte[]> Echo(byte[] content);
}

internal sealed class EchoGrain : Grain, IEchoGrain
{
    public Task<byte[]> Echo(byte[] content) => Task.FromResult(content.ToArray());
}
