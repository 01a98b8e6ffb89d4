using MLNetMeta.Trainers.Operators;
using MLNetMeta.Trainers.Optimizers;
using MLNetMeta.Trainers.Torch;
using MLNetMeta.Trainers.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Rules;

/// <summary>How long and by which optimiser a phase runs.</summary>
internal sealed record Phase(Optimizer Optimizer, int Steps);
