namespace MLNetMeta.Samples;

/// <summary>Where the silos store the list of the cluster's members.</summary>
internal enum ClusteringKind
{
    /// <summary>In the first silo. All silos run on this machine.</summary>
    Localhost,

    /// <summary>In a Redis server.</summary>
    Redis,

    /// <summary>In a PostgreSQL database with the tables of <c>postgresql.sql</c>.</summary>
    PostgreSql,
}
