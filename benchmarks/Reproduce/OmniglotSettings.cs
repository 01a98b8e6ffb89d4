using MLNetMeta.Trainers;

namespace MLNetMeta.Reproduce;

/// <summary>Everything that an Omniglot training depends on beside its data: the one place to tune.</summary>
internal sealed record OmniglotSettings(int Ways, int Shots)
{
    /// <summary>Filters of each of the four convolutions.</summary>
    public int Filters { get; init; } = 64;

    public int InnerSteps { get; init; } = 30;

    public int NudgedSteps { get; init; } = 15;

    public double InnerRate { get; init; } = 0.05;

    public double Beta { get; init; } = 0.1;

    /// <summary>λ at first; every fast parameter learns its own.</summary>
    public double Pull { get; init; } = 0.1;

    public double MetaRate { get; init; } = 1e-3;

    public int Tasks { get; init; } = 8;

    public int QueryRows { get; init; } = 5;

    /// <summary>Meta-steps where no time is given.</summary>
    public int MetaSteps { get; init; } = 2000;

    public ComplexSynapseTrainer.Options Synapse => Shared(new ComplexSynapseTrainer.Options { ConsolidationStrength = Pull });

    public DualSystemTrainer.Options Dual => Shared(new DualSystemTrainer.Options { ModulationPull = Pull });

    private T Shared<T>(T options)
        where T : MetaTrainingOptions => (T)(options with
        {
            Ways = Ways, Shots = Shots, QueryRows = QueryRows, ConvNet = new ConvNetOptions(new ImageShape(1, 28, 28)) { Filters = [Filters, Filters, Filters, Filters] },
            Standardize = false, InnerOptimizer = Optimizer.Sgd(InnerRate, 0.9, nesterov: true), InnerSteps = InnerSteps, NudgedSteps = NudgedSteps, NudgingStrength = Beta,
            MetaOptimizer = Optimizer.Adam(MetaRate), TasksPerMetaStep = Tasks, TasksPerShard = 1, MetaSteps = MetaSteps, ValidationTasks = 32,
        });
}
