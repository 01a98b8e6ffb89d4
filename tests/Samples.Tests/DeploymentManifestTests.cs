using Xunit;
using YamlDotNet.RepresentationModel;

namespace MLNetMeta.Samples.Tests;

/// <summary>The manifests of a cluster have the form that Compose and Kubernetes read, and set what the worker knows.</summary>
public sealed class DeploymentManifestTests
{
    private static readonly string _deploy = Path.Combine(SampleProgram.Folder("ClusterWorker"), "deploy");

    [Fact]
    public void Compose_HasTheWorker_AndItsServer()
    {
        var services = (YamlMappingNode)Read("compose.yaml").Single()["services"];
        var worker = (YamlMappingNode)services["worker"];

        Assert.Equal("service_healthy", (string?)worker["depends_on"]["redis"]["condition"]);
        Assert.NotNull(services["redis"]["healthcheck"]["test"]);
        var settings = ((YamlMappingNode)worker["environment"]).Children.ToDictionary(of => $"{of.Key}", of => $"{of.Value}");
        Assert.Equal("redis:6379", settings["Cluster__ConnectionString"]);
        AssertKnown(settings.Keys);
    }

    [Fact]
    public void Kubernetes_GivesPods_WhatOrleansAsksOfThem()
    {
        var documents = Read("kubernetes.yaml");
        Assert.All(documents, document => Assert.NotNull((string?)document["apiVersion"]));
        Assert.Equal(["ServiceAccount", "Role", "RoleBinding", "Deployment"], documents.Select(document => (string?)document["kind"]));
        var deployment = documents[^1];
        var pod = deployment["spec"]["template"];
        var labels = (YamlMappingNode)pod["metadata"]["labels"];
        Assert.Equal(["orleans/serviceId", "orleans/clusterId"], labels.Children.Keys.Select(key => $"{key}"));
        Assert.Equal(labels["orleans/serviceId"], deployment["spec"]["selector"]["matchLabels"]["orleans/serviceId"]);
        Assert.Equal((string?)documents[0]["metadata"]["name"], (string?)pod["spec"]["serviceAccountName"]);

        var container = ((YamlSequenceNode)pod["spec"]["containers"]).Single();
        var names = ((YamlSequenceNode)container["env"]).Select(of => (string)of["name"]!).ToArray();
        Assert.Equal(
            ["ORLEANS_CLUSTER_ID", "ORLEANS_SERVICE_ID", "POD_IP", "POD_NAME", "POD_NAMESPACE"],
            names.Where(name => name.StartsWith("ORLEANS_", StringComparison.Ordinal) || name.StartsWith("POD_", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal));
        AssertKnown(names.Where(name => name.Contains("__", StringComparison.Ordinal)));
        Assert.Equal("/health", (string?)container["readinessProbe"]["httpGet"]["path"]);
        var volumes = ((YamlSequenceNode)pod["spec"]["volumes"]).Select(of => (string?)of["name"]);
        Assert.All((YamlSequenceNode)container["volumeMounts"], mount => Assert.Contains((string?)mount["name"], volumes));
    }

    private static YamlNode[] Read(string name)
    {
        using var reader = File.OpenText(Path.Combine(_deploy, name));
        var stream = new YamlStream();
        stream.Load(reader);
        return [.. stream.Documents.Select(document => document.RootNode)];
    }

    /// <summary>A name that the worker does not bind would be ignored without a word.</summary>
    private static void AssertKnown(IEnumerable<string> settings)
    {
        var sources = (string[])
        [
            Path.Combine(SampleProgram.Folder("ClusterWorker"), "RowSettings.cs"),
            Path.Combine(SampleProgram.Folder("Shared"), "Cluster", "ClusterSettings.cs"),
        ];
        var text = string.Concat(sources.Select(File.ReadAllText));
        Assert.All(settings, setting => Assert.Contains($" {setting.Split("__")[1]} {{ get; init; }}", text, StringComparison.Ordinal));
    }
}
