namespace MLNetMeta.Reproduce.Bandits;

/// <summary>Chooses arms in all runs of a bandit at once.</summary>
internal interface IBanditAgent : IDisposable
{
    /// <summary>How many pulls from this one on it chooses without learning between them, at least 1.</summary>
    int Span(int pull);

    /// <summary>
    /// Arms for the contexts of the pulls <paramref name="first"/> to <paramref name="first"/> + <paramref name="span"/> − 1: <c>[runs,
    /// span]</c>.
    /// </summary>
    long[] Choose(int first, int span);

    /// <summary>Takes note that <paramref name="pulls"/> pulls have been made in all.</summary>
    void Learn(int pulls);
}
