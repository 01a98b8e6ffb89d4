using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Operators;
using MLNetMeta.Trainers.Rules;

namespace MLNetMeta.Trainers.Export;

/// <summary>A meta-training by the contrastive rule as graphs and numbers: all that whoever computes contributions needs to know.</summary>
internal sealed record MetaTrainingProgram
{
    /// <summary>The graph of contributions.</summary>
    public required byte[] Contribution { get; init; }

    /// <summary>The graph of validations.</summary>
    public required byte[] Evaluation { get; init; }

    public required TaskLoss Loss { get; init; }

    /// <summary>Steps of the free phase, and its learning rate, for messages.</summary>
    public required int FreeSteps { get; init; }

    public required double FreeRate { get; init; }

    /// <summary>Steps of each nudged phase, and its learning rate and strength, for messages.</summary>
    public required int NudgedSteps { get; init; }

    public required double NudgedRate { get; init; }

    public required double Strength { get; init; }

    /// <summary>Writes the graphs.</summary>
    public static MetaTrainingProgram Of(ILearner learner, ContrastiveSettings rule, Phase free) => new()
    {
        Contribution = MetaTrainingGraphWriter.Write(learner, rule, free),
        Evaluation = MetaTrainingGraphWriter.WriteEvaluation(learner, free),
        Loss = learner.Loss,
        FreeSteps = free.Steps,
        FreeRate = free.Optimizer.LearningRate,
        NudgedSteps = rule.NudgedSteps,
        NudgedRate = rule.NudgedPhase(free).Optimizer.LearningRate,
        Strength = rule.Strength!.Value,
    };
}
