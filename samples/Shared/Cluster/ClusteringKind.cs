namespace MLNetMeta.Samples;

/// <summary>Where silos keep the list of who is in the cluster.</summary>
internal enum ClusteringKind
{
    /// <summary>In the first silo; all run on this machine.</summary>
    Localhost,

    /// <summary>In a Redis server.</summary>
    Redis,

    /// <summary>In a PostgreSQL database with the tables of <c>postgresql.sql</c>.</summary>
    PostgreSql,
}
