using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Connections.Security;

namespace MLNetMeta.Samples;

/// <summary>How silos and drivers of a cluster find each other.</summary>
internal sealed record ClusterSettings
{
    /// <summary>Where the list of the silos is kept.</summary>
    public ClusteringKind Kind { get; init; } = ClusteringKind.Localhost;

    /// <summary>How Redis or PostgreSQL is reached.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>Name of the cluster. Silos of different clusters never connect to each other.</summary>
    public string ClusterId { get; init; } = "mlnetmeta";

    /// <summary>Name of the service.</summary>
    public string ServiceId { get; init; } = "mlnetmeta";

    /// <summary>Port for the connections between silos.</summary>
    public int SiloPort { get; init; } = 11111;

    /// <summary>Port for the connections of drivers.</summary>
    public int GatewayPort { get; init; } = 30000;

    /// <summary>Localhost: <see cref="SiloPort"/> of the silo that was started first.</summary>
    public int PrimaryPort { get; init; } = 11111;

    /// <summary>Localhost: gateway ports of the silos that a driver connects to.</summary>
    public int[] Gateways { get; init; } = [30000];

    /// <summary>Address at which other silos and drivers reach this silo; empty for the address of the machine.</summary>
    public string? Address { get; init; }

    /// <summary>
    /// Whether the silo runs in a Kubernetes pod. Kubernetes then provides its name, its address and which pods are gone.
    /// </summary>
    public bool Kubernetes { get; init; }

    /// <summary>A PKCS #12 file with a private key, which all silos and drivers share; null for no encryption.</summary>
    public string? Certificate { get; init; }

    /// <summary>Password of the file.</summary>
    public string? CertificatePassword { get; init; }

    /// <summary>Makes a silo part of the cluster.</summary>
    /// <exception cref="SampleException">There is no connection string.</exception>
    public void Configure(ISiloBuilder silo)
    {
        if (Kind == ClusteringKind.Localhost)
        {
            silo.UseLocalhostClustering(
                SiloPort, GatewayPort, SiloPort == PrimaryPort ? null : new IPEndPoint(IPAddress.Loopback, PrimaryPort), ServiceId,
                ClusterId);
        }
        else
        {
            silo.Configure<ClusterOptions>(Name);
            silo.ConfigureEndpoints(
                IPAddress.TryParse(Address, out var address) ? address : OwnAddress(), SiloPort, GatewayPort, listenOnAnyHostAddress: true);
            if (Kind == ClusteringKind.Redis)
            {
                silo.UseRedisClustering(Connection);
            }
            else
            {
                silo.UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = ("Npgsql", Connection));
            }
        }

        // A killed silo is detected within seconds. With Orleans' default limits it would take half a minute.
        silo.Configure<ClusterMembershipOptions>(
            options => (options.ProbeTimeout, options.NumMissedProbesLimit) = (TimeSpan.FromSeconds(2), 3));
        if (Kubernetes)
        {
            silo.UseKubernetesHosting();
        }

        if (LoadCertificate() is { } certificate)
        {
            silo.UseTls(certificate, options => Trust(options, certificate));
        }
    }

    /// <summary>Connects a driver to the cluster. Waits until the cluster is available.</summary>
    /// <exception cref="SampleException">There is no connection string.</exception>
    public void Configure(IClientBuilder client)
    {
        switch (Kind)
        {
            case ClusteringKind.Localhost:
                client.UseLocalhostClustering(Gateways, ServiceId, ClusterId);
                break;
            case ClusteringKind.Redis:
                client.Configure<ClusterOptions>(Name).UseRedisClustering(Connection);
                break;
            default:
                client.Configure<ClusterOptions>(Name).UseAdoNetClustering(
                    options => (options.Invariant, options.ConnectionString) = ("Npgsql", Connection));
                break;
        }

        client.UseConnectionRetryFilter(async (_, cancellation) =>
        {
            await Task.Delay(500, cancellation);
            return true;
        });
        if (LoadCertificate() is { } certificate)
        {
            client.UseTls(certificate, options => Trust(options, certificate));
        }
    }

    /// <summary>Checks whether the cluster can be reached at all.</summary>
    /// <exception cref="SampleException">There is no connection string.</exception>
    public void Check()
    {
        if (Kind != ClusteringKind.Localhost)
        {
            _ = Connection;
        }
    }

    private string Connection => ConnectionString
        ?? throw new SampleException($"Clustering by {Kind} needs a connection string, such as " + (Kind == ClusteringKind.Redis
            ? "localhost:6379." : "Host=localhost;Database=orleans;Username=orleans."));

    private static IPAddress OwnAddress() => Array.Find(
        Dns.GetHostAddresses(Dns.GetHostName()),
        address => address.AddressFamily == AddressFamily.InterNetwork) ?? IPAddress.Loopback;

    private void Name(ClusterOptions options) => (options.ClusterId, options.ServiceId) = (ClusterId, ServiceId);

    private X509Certificate2? LoadCertificate() =>
        Certificate is null ? null : X509CertificateLoader.LoadPkcs12FromFile(Certificate, CertificatePassword);

    // Only holders of the cluster's own certificate belong to the cluster. No certificate authority has to be trusted.
    private static void Trust(TlsOptions options, X509Certificate2 certificate)
    {
        options.RemoteCertificateMode = options.ClientCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.RemoteCertificateValidation = (remote, _, _) =>
            remote.GetCertHashString(HashAlgorithmName.SHA256) == certificate.GetCertHashString(HashAlgorithmName.SHA256);
        options.OnAuthenticateAsClient = (_, client) => client.TargetHost = certificate.GetNameInfo(X509NameType.SimpleName, false);
    }
}
