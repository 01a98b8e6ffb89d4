using Xunit;

namespace MLNetMeta.Transforms.Tests;

/// <summary>Alone: other tests would be counted too.</summary>
[CollectionDefinition(nameof(Household), DisableParallelization = true)]
public sealed class Household;
