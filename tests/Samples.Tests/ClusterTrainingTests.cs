using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Samples.Tests;

/// <summary>Silos and a driver as processes, by every way that they find each other.</summary>
public sealed class ClusterTrainingTests : IDisposable
{
    private static readonly SampleProgram _training = new("ClusterTraining");
    private static int _runs;

    private readonly TemporaryFolder _folder = new();

    // Two runs at once must not share ports.
    private readonly int _port = 20_000 + (10 * Random.Shared.Next(1000)) + Interlocked.Increment(ref _runs);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_OfTwoSilosOnThisMachine_GivesTheBytesOfThisProcess()
    {
        using var certificate = SelfSigned("cluster");
        var path = Path.Combine(_folder.Path, "cluster.pfx");
        await File.WriteAllBytesAsync(path, certificate.Export(X509ContentType.Pkcs12));

        var run = await Run("--certificate", path);

        run.Succeeded();
        Assert.Contains("The learners are equal, byte for byte", run.Output, StringComparison.Ordinal);
        Assert.Contains("/dashboard", run.Output, StringComparison.Ordinal);
    }

    [RedisFact]
    public async Task Run_ByRedis_WhileASiloIsKilled_GivesTheBytesOfThisProcess()
    {
        using var redis = await LocalServer.StartRedis();

        var run = await Run("--clustering", "Redis", "--connection", redis.ConnectionString, "--kills", "1");

        run.Succeeded();
        Assert.Contains("was killed and started again", run.Output, StringComparison.Ordinal);
        Assert.Contains("The learners are equal, byte for byte", run.Output, StringComparison.Ordinal);
    }

    [PostgreSqlFact]
    public async Task Run_ByPostgreSql_GivesTheBytesOfThisProcess()
    {
        using var postgres = await LocalServer.StartPostgreSql(Path.Combine(SampleProgram.Folder("ClusterWorker"), "postgresql.sql"));

        var run = await Run("--clustering", "PostgreSql", "--connection", postgres.ConnectionString);

        run.Succeeded();
        Assert.Contains("The learners are equal, byte for byte", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ByRedisWithoutAConnection_SaysWhatIsMissing() =>
        (await Run("--clustering", "Redis")).Failed("needs a connection string, such as localhost:6379");

    [Fact]
    public async Task Worker_OfAFolderWithoutPartitions_SaysSo() =>
        (await new SampleProgram("ClusterWorker").Run($"--Rows:Folder={_folder.Path}")).Failed("contains no *.csv files", _folder.Path);

    private static X509Certificate2 SelfSigned(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private Task<SampleRun> Run(params string[] arguments) => _training.Run(
    [
        "--silos", "2", "--partitions", "8", "--tasks", "60", "--steps", "20", "--tasks-per-step", "16", "--output", _folder.Path, "--port",
        $"{_port}", .. arguments,
    ]);

    private sealed class RedisFactAttribute : FactAttribute
    {
        public RedisFactAttribute() => Skip = LocalServer.WithoutRedis;
    }

    private sealed class PostgreSqlFactAttribute : FactAttribute
    {
        public PostgreSqlFactAttribute() => Skip = LocalServer.WithoutPostgreSql;
    }
}
